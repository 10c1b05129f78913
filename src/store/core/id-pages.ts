const SLOTS = 512;
const WORDS = SLOTS * 2;
/** A page with more than this is too slow to search. */
const FULLEST = Math.floor(SLOTS * 0.85);

export type PageNumber = number;

/**
 * Memory for sets of 64-bit keys, in pages of 4 KiB that go from one set to the next: it is taken from the system page
 * by page, is never more than its limit, and leaves nothing to collect. A key is two words, never both 0.
 */
export class IdPages {
  private readonly words: Uint32Array;
  private readonly counts: Uint16Array;
  /** Of a page that is being split. */
  private readonly keys = new Uint32Array(WORDS);
  private readonly free: PageNumber[] = [];
  private untouched = 0;

  constructor(bytes: number) {
    const pages = Math.floor(bytes / (WORDS * 4));
    this.words = new Uint32Array(pages * WORDS);
    this.counts = new Uint16Array(pages);
  }

  /** An empty page; null where all are in use. */
  take(): PageNumber | null {
    const page = this.free.pop();
    if (page !== undefined) return page;
    return this.untouched < this.counts.length ? this.untouched++ : null;
  }

  give(page: PageNumber): void {
    this.clear(page);
    this.free.push(page);
  }

  isFull(page: PageNumber): boolean {
    return (this.counts[page] ?? 0) >= FULLEST;
  }

  /** @returns false where the key is there already */
  insert(page: PageNumber, high: number, low: number): boolean {
    const at = this.find(page, high, low);
    if (this.words[at] !== 0 || this.words[at + 1] !== 0) return false;
    this.words[at] = high;
    this.words[at + 1] = low;
    this.counts[page] = (this.counts[page] ?? 0) + 1;
    return true;
  }

  has(page: PageNumber, high: number, low: number): boolean {
    const at = this.find(page, high, low);
    return this.words[at] !== 0 || this.words[at + 1] !== 0;
  }

  /** Moves the keys of which this bit of the first word is set to an empty page. */
  split(page: PageNumber, bit: number, to: PageNumber): void {
    const { keys } = this;
    keys.set(this.words.subarray(page * WORDS, (page + 1) * WORDS));
    this.clear(page);
    for (let at = 0; at < WORDS; at += 2) {
      const [high, low] = [keys[at] ?? 0, keys[at + 1] ?? 0];
      if (high !== 0 || low !== 0) this.insert((high >>> bit) & 1 ? to : page, high, low);
    }
  }

  /** Where the key is, or the empty slot where it would be. */
  private find(page: PageNumber, high: number, low: number): number {
    const { words } = this;
    const first = page * WORDS;
    let at = (low & (SLOTS - 1)) * 2;
    for (;;) {
      const [a, b] = [words[first + at], words[first + at + 1]];
      if ((a === high && b === low) || (a === 0 && b === 0)) return first + at;
      at = (at + 2) & (WORDS - 1);
    }
  }

  private clear(page: PageNumber): void {
    this.words.fill(0, page * WORDS, (page + 1) * WORDS);
    this.counts[page] = 0;
  }
}
