import { createHash } from 'node:crypto';
import { IdSet } from './id-set.js';

const idOf = (n: number) => createHash('sha256').update(String(n)).digest('hex').slice(0, 32);

describe('IdSet', () => {
  it('has what was added and nothing else, also after it grew', () => {
    const ids = new IdSet();
    for (let n = 0; n < 20_000; n++) ids.add(idOf(n));
    expect(ids.size).toBe(20_000);
    for (let n = 0; n < 20_000; n++) expect(ids.add(idOf(n))).toBe(false);
    for (let n = 20_000; n < 40_000; n++) expect(ids.add(idOf(n))).toBe(true);
  });

  it('counts an id once', () => {
    const ids = new IdSet();
    expect([ids.add(idOf(1)), ids.add(idOf(1))]).toEqual([true, false]);
    expect(ids.size).toBe(1);
  });

  it('takes ids that begin with zeros', () => {
    const ids = new IdSet();
    const zero = '0'.repeat(32);
    expect([ids.add(zero), ids.add(zero)]).toEqual([true, false]);
    expect(ids.add(`0000000000000002${'0'.repeat(16)}`)).toBe(true);
  });

  it('takes less than 28 bytes an id', () => {
    const ids = new IdSet();
    for (let n = 0; n < 100_000; n++) ids.add(idOf(n));
    expect(ids.sizeBytes / ids.size).toBeLessThan(28);
  });
});
