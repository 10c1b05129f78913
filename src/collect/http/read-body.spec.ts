import { Readable } from 'node:stream';
import { readBody } from './read-body.js';

const LIMITS = { bytes: 1_000, keptBytes: 100 };
const chunks = (count: number, size: number) => Readable.from(new Array(count).fill(Buffer.alloc(size, 1)));

describe('readBody', () => {
  it.each([
    ['nothing', 0, 0, 0, false],
    ['a body in one piece', 1, 1_000, 1_000, false],
    ['a body in pieces', 10, 100, 1_000, false],
    ['the beginning of a body over the limit', 20, 100, 100, true],
    ['the beginning of a body that is over it in its last piece', 2, 600, 600, true],
  ])('gives %s', async (_name, count, size, expected, isTooLarge) => {
    const budget = { usedBytes: 0 };
    const body = await readBody(chunks(count, size), LIMITS, budget);
    expect(body).toMatchObject({ isTooLarge, isShed: false });
    expect(body.bytes.length).toBeGreaterThanOrEqual(Math.min(expected, LIMITS.keptBytes));
    expect(body.bytes.length).toBeLessThanOrEqual(1_200);
    if (!isTooLarge) expect(body.bytes.length).toBe(expected);
    expect(budget.usedBytes).toBe(0);
  });

  it('cuts off a body far over the limit and gives its memory back', async () => {
    const budget = { usedBytes: 0 };
    await expect(readBody(chunks(1_000, 100), LIMITS, budget)).rejects.toThrow('far over the limit');
    expect(budget.usedBytes).toBe(0);
  });
});
