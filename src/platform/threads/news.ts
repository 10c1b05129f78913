/** A kind of news, and what each of them brings along: whatever can be cloned. */
export class Topic<Item> {
  declare readonly item: Item;

  constructor(readonly name: string) {}
}

/** News on its way to another thread. */
export interface NewsMessage {
  topic: string;
  item: unknown;
}

/**
 * News for every thread of this process, so that what one keeps in memory follows what another changes. Told in the own
 * thread before the call returns, in the other one a moment later. Other processes hear nothing: they read again after a
 * while.
 */
export class News {
  private readonly listeners = new Map<string, ((item: never) => void)[]>();
  private send: ((message: NewsMessage) => void) | null = null;

  on<Item>(topic: Topic<Item>, listener: (item: Item) => void): void {
    this.listeners.set(topic.name, [...(this.listeners.get(topic.name) ?? []), listener]);
  }

  tell<Item>(topic: Topic<Item>, item: Item): void {
    const message = { topic: topic.name, item };
    this.hear(message);
    this.send?.(message);
  }

  /** What is told here from now on is sent to the other thread; what comes from there is given to `hear`. */
  connect(send: (message: NewsMessage) => void): void {
    this.send = send;
  }

  hear({ topic, item }: NewsMessage): void {
    for (const listener of this.listeners.get(topic) ?? []) listener(item as never);
  }
}
