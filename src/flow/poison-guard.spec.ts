import type { DeadLetter, DeadLetters } from '../decode/contract.js';
import type { ItemRecord } from '../kernel/event.js';
import { log } from '../platform/log/log.js';
import { PoisonGuard } from './poison-guard.js';

log.level = 'silent';

const item = (itemId: string): ItemRecord => ({
  projectId: 1,
  type: 'item_set',
  itemType: 'sku',
  itemId,
  properties: {},
});

/** Keeps letters in memory, each place once. */
class Letters {
  readonly kept = new Map<string, DeadLetter>();

  async store(batchId: number, letters: readonly DeadLetter[], firstPlace = 0): Promise<void> {
    for (const [i, letter] of letters.entries()) this.kept.set(`${batchId} ${firstPlace + i}`, letter);
  }
}

/** Work that fails for some ids, and for some pairs. */
function workFor(isRefused: (ids: readonly string[]) => boolean) {
  const applied: string[][] = [];
  const trials: string[][] = [];
  const tryOut = async (items: readonly ItemRecord[]) => {
    const ids = items.map(({ itemId }) => itemId);
    trials.push(ids);
    if (isRefused(ids)) throw new TypeError('poison');
  };
  const apply = async (items: readonly ItemRecord[]) => {
    await tryOut(items);
    trials.pop();
    applied.push(items.map(({ itemId }) => itemId));
    return items.length;
  };
  return { work: { tryOut, apply }, applied, trials };
}

describe('a step that does its list as a whole', () => {
  const items = ['a', 'b', 'c', 'd', 'e'].map(item);
  const runUntilSuspected = async (guard: PoisonGuard, work: ReturnType<typeof workFor>['work']) => {
    const once = () => guard.watch(7, () => guard.asWhole(7, 'item', items, work));
    for (let i = 0; i < 4; i++) await expect(once()).rejects.toThrow('poison');
    return once();
  };

  it('is tried out by nobody while its batch is not suspected', async () => {
    const guard = new PoisonGuard(new Letters() as unknown as DeadLetters);
    const { work, applied, trials } = workFor(() => false);
    expect(await guard.asWhole(7, 'item', items, work)).toEqual({ result: 5, taken: items });
    expect([applied, trials]).toEqual([[['a', 'b', 'c', 'd', 'e']], []]);
  });

  it('is done once with all that it can take, and the rest are dead letters in its place', async () => {
    const letters = new Letters();
    const guard = new PoisonGuard(letters as unknown as DeadLetters);
    const { work, applied } = workFor((ids) => ids.includes('b') || ids.includes('e'));
    const { taken } = await runUntilSuspected(guard, work);
    expect(taken.map(({ itemId }) => itemId)).toEqual(['a', 'c', 'd']);
    expect(applied).toEqual([['a', 'c', 'd']]);
    expect([...letters.kept.keys()]).toEqual(['7 8000001', '7 8000004']);
    expect(String(letters.kept.get('7 8000001')?.payload)).toBe(
      '{"type":"item_set","item_type":"sku","item_id":"b","properties":{}}',
    );
  });

  it('refuses the later of two that it can take one by one, but not together', async () => {
    const guard = new PoisonGuard(new Letters() as unknown as DeadLetters);
    const { work, applied } = workFor((ids) => ids.includes('a') && ids.includes('d'));
    await runUntilSuspected(guard, work);
    expect(applied).toEqual([['a', 'b', 'c', 'e']]);
  });
});
