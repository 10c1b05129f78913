import { forEachInTurns, mapInTurns, Turn } from './turns.js';

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('work in turns', () => {
  it('goes through every item in order', async () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    expect(await mapInTurns(items, (item) => item * 2)).toEqual(items.map((item) => item * 2));
  });

  it('lets other work of the process go on in between, however many batches are under way', async () => {
    let looks = 0;
    let isDone = false;
    const look = () => {
      looks++;
      if (!isDone) setImmediate(look);
    };
    setImmediate(look);
    const items = Array.from({ length: 64 }, (_, i) => i);
    const batches = [1, 2, 3].map(() => forEachInTurns(items, () => spin(0.5)));
    await Promise.all(batches);
    isDone = true;
    // 96 ms of work in turns of 1 ms, looked at every 8 ms of it.
    expect(looks).toBeGreaterThanOrEqual(8);
  });

  it('fails with the work', async () => {
    const fails = () => {
      throw new Error('cannot');
    };
    await expect(forEachInTurns([1], fails)).rejects.toThrow('cannot');
  });

  it('is over after some milliseconds, and begins again after a rest', async () => {
    const turn = new Turn();
    spin(5);
    expect(turn.isOver).toBe(true);
    await turn.rest();
    expect(turn.isOver).toBe(false);
  });
});
