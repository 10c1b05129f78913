const FIRST_SLOTS = 1 << 10;
const FULLEST = 0.6;

/**
 * A set of event ids in 14 to 28 bytes each: of every id the first 64 bits are kept, which is enough to say
 * "certainly new" of an id; what seems to be there may, once in some billion times, be another.
 */
export class IdSet {
  size = 0;
  private slots = new Uint32Array(FIRST_SLOTS * 2);

  get sizeBytes(): number {
    return this.slots.byteLength;
  }

  /**
   * @param id at least 16 hex digits
   * @returns false where it seems to be there already
   */
  add(id: string): boolean {
    const [high, low] = toKey(id);
    if (!this.insert(high, low)) return false;
    if (++this.size > (this.slots.length / 2) * FULLEST) this.grow();
    return true;
  }

  private insert(high: number, low: number): boolean {
    const at = this.find(high, low);
    if (this.slots[at] !== 0 || this.slots[at + 1] !== 0) return false;
    this.slots[at] = high;
    this.slots[at + 1] = low;
    return true;
  }

  /** Where the key is, or the empty slot where it would be. Ids are hashes, so their bits are as good as random. */
  private find(high: number, low: number): number {
    const { slots } = this;
    const last = slots.length - 2;
    let at = (low * 2) & last;
    while ((slots[at] !== high || slots[at + 1] !== low) && (slots[at] !== 0 || slots[at + 1] !== 0)) {
      at = (at + 2) & last;
    }
    return at;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] !== 0 || old[at + 1] !== 0) this.insert(old[at] ?? 0, old[at + 1] ?? 0);
    }
  }
}

/** Never 0, 0: that is an empty slot. */
function toKey(id: string): [high: number, low: number] {
  const high = Number.parseInt(id.slice(0, 8), 16);
  const low = Number.parseInt(id.slice(8, 16), 16);
  return high === 0 && low === 0 ? [0, 1] : [high, low];
}
