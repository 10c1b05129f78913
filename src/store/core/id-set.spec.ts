import { createHash } from 'node:crypto';
import { IdPages } from './id-pages.js';
import { IdSet } from './id-set.js';

const PAGE_BYTES = 4_096;
const idOf = (n: number) => createHash('sha256').update(String(n)).digest('hex').slice(0, 32);

function setUp(pages = 1_000) {
  const memory = new IdPages(pages * PAGE_BYTES);
  return { memory, ids: new IdSet(memory) };
}

function addAll(ids: IdSet, from: number, to: number): Set<string> {
  const answers = new Set<string>();
  for (let n = from; n < to; n++) answers.add(ids.add(idOf(n)));
  return answers;
}

describe('IdSet', () => {
  it('has what was added and nothing else, also after its pages were split', () => {
    const { ids } = setUp();
    expect(addAll(ids, 0, 50_000)).toEqual(new Set(['new']));
    expect(addAll(ids, 0, 50_000)).toEqual(new Set(['known']));
    expect(addAll(ids, 50_000, 60_000)).toEqual(new Set(['new']));
  });

  it('takes ids that begin with zeros', () => {
    const { ids } = setUp();
    const zero = '0'.repeat(32);
    expect([ids.add(zero), ids.add(zero)]).toEqual(['new', 'known']);
    expect(ids.add(`0000000000000002${'0'.repeat(16)}`)).toBe('new');
  });

  it('says so where there is no memory, and still tells what it has', () => {
    const { ids } = setUp(4);
    expect(addAll(ids, 0, 1_000)).toEqual(new Set(['new']));
    expect(addAll(ids, 1_000, 3_000)).toContain('full');
    expect(addAll(ids, 0, 1_000)).toEqual(new Set(['known']));
  });

  it('gives its memory to others when it ends, and takes no more', () => {
    const { memory, ids } = setUp(4);
    addAll(ids, 0, 1_000);
    ids.end();
    expect(addAll(ids, 0, 1_000)).toEqual(new Set(['full']));
    expect(addAll(new IdSet(memory), 0, 1_000)).toEqual(new Set(['new']));
  });

  it('takes at most 20 bytes an id', () => {
    for (const count of [50_000, 60_000, 75_000, 90_000]) {
      const { memory, ids } = setUp(Math.floor((count * 20) / PAGE_BYTES));
      expect(addAll(ids, 0, count)).toEqual(new Set(['new']));
      expect(memory.take()).not.toBeNull();
    }
  });

  it('takes no more memory for ids that somebody has chosen', () => {
    const { memory, ids } = setUp();
    const chosen = (n: number) => `abcdabcd${n.toString(16).padStart(8, '0')}${'0'.repeat(16)}`;
    const answers = Array.from({ length: 1_000 }, (_, n) => ids.add(chosen(n)));
    expect(answers.filter((answer) => answer === 'new')).toHaveLength(435);
    expect(answers.slice(435)).toEqual(new Array(565).fill('known'));
    expect(memory.take()).toBe(17);
  });
});
