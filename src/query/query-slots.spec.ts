import { QuerySlots } from './query-slots.js';

const NEVER = new AbortController().signal;

describe('QuerySlots', () => {
  it('lets so many of a project run, and the next when one ends', async () => {
    const slots = new QuerySlots({ perProject: 1, total: 9, waiting: 9 });
    const order: string[] = [];
    const first = await slots.take(1, NEVER);
    const second = slots.take(1, NEVER).then((release) => {
      order.push('second');
      return release;
    });
    const third = slots.take(1, NEVER).then((release) => {
      order.push('third');
      return release;
    });
    const other = await slots.take(2, NEVER);
    expect(other).not.toBeNull();
    expect(order).toEqual([]);
    first?.();
    (await second)?.();
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  it('lets no more run than in all, and serves another project where the first has its share', async () => {
    const slots = new QuerySlots({ perProject: 1, total: 2, waiting: 9 });
    const first = await slots.take(1, NEVER);
    const second = await slots.take(2, NEVER);
    const waiting = slots.take(1, NEVER);
    const third = slots.take(3, NEVER);
    second?.();
    expect(await third).not.toBeNull();
    first?.();
    expect(await waiting).not.toBeNull();
  });

  it('sends away who would wait behind too many, of that project only', async () => {
    const slots = new QuerySlots({ perProject: 1, total: 9, waiting: 1 });
    const first = await slots.take(1, NEVER);
    const waiting = slots.take(1, NEVER);
    expect(await slots.take(1, NEVER)).toBeNull();
    expect(await slots.take(2, NEVER)).not.toBeNull();
    first?.();
    expect(await waiting).not.toBeNull();
  });

  it('forgets who stops waiting', async () => {
    const slots = new QuerySlots({ perProject: 1, total: 9, waiting: 9 });
    const first = await slots.take(1, NEVER);
    const gone = new AbortController();
    const waiting = slots.take(1, gone.signal);
    const next = slots.take(1, NEVER);
    gone.abort();
    expect(await waiting).toBeNull();
    expect(await slots.take(1, gone.signal)).toBeNull();
    first?.();
    expect(await next).not.toBeNull();
  });
});
