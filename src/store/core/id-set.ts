import type { IdPages, PageNumber } from './id-pages.js';

/** A page of ids that agree in so many bits is not split: somebody looked for such ids. More seem to be known. */
const DEEPEST = 16;

/** What `IdSet.add` found: 'full' where there is no page for a new id. */
export type Added = 'new' | 'known' | 'full';

/**
 * A set of event ids: of every id the first 64 bits are kept, which is enough to say "certainly new" of an id; what
 * seems to be there may, once in some billion times, be another. Ids are hashes, so their bits are as good as random.
 *
 * Extendible hashing: the last bits of an id's first word say on which page it is, and a page that is full is split by
 * one bit more. An id takes 9 to 20 bytes.
 */
export class IdSet {
  /** By the last bits of the first word; a page that was split less often than others is here several times. */
  private pages: PageNumber[] = [];
  private readonly depthOf = new Map<PageNumber, number>();
  hasEnded = false;

  constructor(private readonly memory: IdPages) {}

  /** @param id at least 16 hex digits */
  add(id: string): Added {
    if (this.hasEnded) return 'full';
    const [high, low] = toKey(id);
    for (;;) {
      const page = this.pages[high & (this.pages.length - 1)] ?? this.begin();
      if (page === null) return 'full';
      if (!this.memory.isFull(page)) return this.memory.insert(page, high, low) ? 'new' : 'known';
      if (this.memory.has(page, high, low) || this.depthOf.get(page) === DEEPEST) return 'known';
      if (!this.split(page, high)) return 'full';
    }
  }

  /** Gives its pages back. It takes no more ids: it would say "new" of those it had. */
  end(): void {
    this.hasEnded = true;
    for (const page of this.depthOf.keys()) this.memory.give(page);
    this.depthOf.clear();
    this.pages = [];
  }

  private begin(): PageNumber | null {
    const page = this.memory.take();
    if (page === null) return null;
    this.pages = [page];
    this.depthOf.set(page, 0);
    return page;
  }

  /** @returns false where there is no page for it */
  private split(page: PageNumber, high: number): boolean {
    const depth = this.depthOf.get(page) ?? 0;
    const other = this.memory.take();
    if (other === null) return false;
    const bit = 1 << depth;
    if (bit === this.pages.length) this.pages = this.pages.concat(this.pages);
    this.memory.split(page, depth, other);
    this.depthOf.set(page, depth + 1).set(other, depth + 1);
    for (let at = (high & (bit - 1)) | bit; at < this.pages.length; at += bit * 2) this.pages[at] = other;
    return true;
  }
}

/** Never 0, 0: that is an empty slot. */
function toKey(id: string): [high: number, low: number] {
  const high = Number.parseInt(id.slice(0, 8), 16);
  const low = Number.parseInt(id.slice(8, 16), 16);
  return high === 0 && low === 0 ? [0, 1] : [high, low];
}
