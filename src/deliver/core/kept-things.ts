/** Things made once per key, such as connection pools, and closed together. */
export class KeptThings {
  private readonly things = new Map<string, { value: unknown; close(): void }>();

  /** The thing under the key; made at the first call. One key always stands for one type. */
  keep<T>(key: string, make: () => { value: T; close(): void }): T {
    let thing = this.things.get(key);
    if (!thing) {
      thing = make();
      this.things.set(key, thing);
    }
    return thing.value as T;
  }

  closeAll(): void {
    for (const thing of this.things.values()) thing.close();
    this.things.clear();
  }
}
