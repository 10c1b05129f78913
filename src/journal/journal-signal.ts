import { Injectable } from '@nestjs/common';
import { News, Topic } from '../platform/threads/news.js';
import type { JournalRow } from './data/journal.repository.js';

/** What of a new row the reader wants to know. */
export type NewRow = Pick<JournalRow, 'lane' | 'decodedBytes'>;

const ROWS_ADDED = new Topic<readonly NewRow[]>('journal');

/** Tells the reader in this process what is new in the journal, so that it need not wait for its next look. */
@Injectable()
export class JournalSignal {
  private raised = new Set<number>();
  private readonly listeners = new Set<(rows: readonly NewRow[]) => void>();

  constructor(private readonly news: News) {
    news.on(ROWS_ADDED, (rows) => this.hear(rows));
  }

  raise(rows: readonly NewRow[]): void {
    this.news.tell(
      ROWS_ADDED,
      rows.map(({ lane, decodedBytes }) => ({ lane, decodedBytes })),
    );
  }

  private hear(rows: readonly NewRow[]): void {
    for (const { lane } of rows) this.raised.add(lane);
    for (const listener of [...this.listeners]) listener(rows);
  }

  /** The lanes raised since the last call; resolves at once where there are any, else at the next signal or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<ReadonlySet<number>> {
    if (this.raised.size === 0) await this.listen(() => true, timeoutMs);
    const lanes = this.raised;
    this.raised = new Set();
    return lanes;
  }

  /** Resolves when about so many bytes of a lane have come in since the call, or after `timeoutMs`. */
  untilFilled(lane: number, decodedBytes: number, timeoutMs: number): Promise<void> {
    let leftBytes = decodedBytes;
    return this.listen((rows) => {
      for (const row of rows) if (row.lane === lane) leftBytes -= row.decodedBytes;
      return leftBytes <= 0;
    }, timeoutMs);
  }

  private listen(isEnough: (rows: readonly NewRow[]) => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const listener = (rows: readonly NewRow[]) => {
        if (isEnough(rows)) end();
      };
      const end = () => {
        this.listeners.delete(listener);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      this.listeners.add(listener);
    });
  }
}
