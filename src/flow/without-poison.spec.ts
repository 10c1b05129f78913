import fc from 'fast-check';
import { withoutPoison } from './without-poison.js';

const away = new Error('away');
const isAway = (error: unknown) => error === away;
/** Refuses every list that holds one of the bad items. */
const refusing = (bad: ReadonlySet<number>) => async (part: readonly number[]) => {
  if (part.some((item) => bad.has(item))) throw new TypeError('poison');
  return [...part];
};

describe('work with a list that holds poison', () => {
  it('is done at once where there is none', async () => {
    const calls: string[] = [];
    const work = async (part: readonly number[], name: string) => {
      calls.push(name);
      return part.length;
    };
    expect(await withoutPoison([1, 2, 3], work, isAway)).toEqual({ results: [3], refused: [] });
    expect(await withoutPoison([], work, isAway)).toEqual({ results: [0], refused: [] });
    expect(calls).toEqual(['', '']);
  });

  it('is done with everything else, in order, each item once', async () => {
    const list = fc.integer({ min: 2, max: 200 }).map((length) => Array.from({ length }, (_, i) => i));
    await fc.assert(
      fc.asyncProperty(list, fc.array(fc.nat(199), { maxLength: 5 }), async (items, bad) => {
        const poison = new Set(bad.filter((item) => item < items.length));
        fc.pre(poison.size < items.length);
        const { results, refused } = await withoutPoison(items, refusing(poison), isAway);
        expect(results.flat()).toEqual(items.filter((item) => !poison.has(item)));
        expect(refused.map(({ item, place }) => [item, place])).toEqual(
          [...poison].sort((a, b) => a - b).map((item) => [item, item]),
        );
      }),
    );
  });

  it('names its parts the same each time', async () => {
    const names = async () => {
      const seen: string[] = [];
      const work = async (part: readonly number[], name: string) => {
        seen.push(name);
        return refusing(new Set([2]))(part);
      };
      await withoutPoison([0, 1, 2, 3, 4], work, isAway);
      return seen;
    };
    expect(await names()).toEqual(['', '0', '00', '01', '1']);
    expect(await names()).toEqual(await names());
  });

  it('fails as a whole where a store is away', async () => {
    const work = async (part: readonly number[]) => {
      if (part.length < 3) throw away;
      throw new TypeError('poison');
    };
    await expect(withoutPoison([1, 2, 3, 4, 5, 6], work, isAway)).rejects.toBe(away);
  });

  it('fails as a whole where nothing passes, after few tries', async () => {
    let calls = 0;
    const work = async () => {
      calls++;
      throw new TypeError('bug');
    };
    await expect(withoutPoison([1, 2], work, isAway)).rejects.toThrow('bug');
    calls = 0;
    await expect(
      withoutPoison(
        Array.from({ length: 10_000 }, (_, i) => i),
        work,
        isAway,
      ),
    ).rejects.toThrow('bug');
    expect(calls).toBeLessThan(200);
  });

  it('gives up the only item of a list', async () => {
    const { results, refused } = await withoutPoison([7], refusing(new Set([7])), isAway);
    expect(results).toEqual([]);
    expect(refused).toMatchObject([{ item: 7, place: 0 }]);
  });
});
