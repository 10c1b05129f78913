import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Envelope } from '../kernel/event.js';
import { Config } from '../platform/config/config.js';
import { metrics } from '../platform/metrics/metrics.js';
import { Journal, JournalFullError } from './contract.js';
import { encodeEnvelope } from './core/envelope-codec.js';
import { estimateDecodedBytes } from './core/estimate-decoded-bytes.js';
import { laneOf } from './core/lanes.js';
import { JournalRepository, type JournalRow } from './data/journal.repository.js';
import { JournalSignal } from './journal-signal.js';

interface Waiting {
  envelope: Envelope;
  bytes: Buffer;
  done: () => void;
  failed: (error: unknown) => void;
}

const BACKLOG_CHECK_MS = 1_000;
/** A row larger than this is cut: PostgreSQL takes 1 GB, the reader wants batches of a size it chooses. */
const ROW_LIMIT_BYTES = 256 * 1024;

/**
 * Writes envelopes in groups: all that arrive while one commit is under way go into the next.
 * One commit at a time keeps the order of receipt and needs few connections.
 */
@Injectable()
export class GroupCommitJournal extends Journal implements OnModuleDestroy {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private isWriting = false;
  private timer: NodeJS.Timeout | null = null;
  private backlogBytes = 0;
  private backlogCheckedAt = 0;

  constructor(
    private readonly repository: JournalRepository,
    private readonly config: Config,
    private readonly signal: JournalSignal,
  ) {
    super();
  }

  append(envelope: Envelope): Promise<void> {
    this.refuseWhenFull();
    const end = metrics.journalAppendSeconds.startTimer();
    return new Promise<void>((resolve, reject) => {
      const bytes = encodeEnvelope(envelope);
      this.waitingBytes += bytes.length;
      this.waiting.push({
        envelope,
        bytes,
        done: () => {
          end();
          resolve();
        },
        failed: reject,
      });
      this.schedule();
    });
  }

  async onModuleDestroy(): Promise<void> {
    while (this.isWriting || this.waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.timer) clearTimeout(this.timer);
  }

  private refuseWhenFull(): void {
    this.checkBacklog();
    if (this.waitingBytes > this.config.get('JOURNAL_BUFFER_BYTES')) throw new JournalFullError(1);
    if (this.backlogBytes > this.config.get('JOURNAL_BACKLOG_BYTES')) throw new JournalFullError(10);
  }

  private checkBacklog(): void {
    const now = Date.now();
    if (now - this.backlogCheckedAt < BACKLOG_CHECK_MS) return;
    this.backlogCheckedAt = now;
    this.repository.backlogBytes().then(
      (bytes) => {
        this.backlogBytes = bytes;
        metrics.journalBacklogBytes.set(bytes);
      },
      // PostgreSQL is away: the append itself will say so.
      () => undefined,
    );
  }

  private schedule(): void {
    if (this.isWriting || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.write();
    }, this.config.get('JOURNAL_GROUP_MS'));
  }

  private async write(): Promise<void> {
    this.isWriting = true;
    const group = this.waiting;
    this.waiting = [];
    try {
      const rows = toRows(group);
      await this.repository.insert(rows);
      for (const { done } of group) done();
      this.signal.raise(rows);
    } catch (error) {
      for (const { failed } of group) failed(error);
    } finally {
      for (const { bytes } of group) this.waitingBytes -= bytes.length;
      this.isWriting = false;
      if (this.waiting.length > 0) this.schedule();
    }
  }
}

function toRows(group: readonly Waiting[]): JournalRow[] {
  const rows: { row: JournalRow; parts: Buffer[]; sizeBytes: number }[] = [];
  const openByLane = new Map<number, (typeof rows)[number]>();
  for (const { envelope, bytes } of group) {
    const lane = laneOf(envelope.projectId);
    let open = openByLane.get(lane);
    if (!open || open.sizeBytes + bytes.length > ROW_LIMIT_BYTES) {
      open = {
        row: { lane, receivedAt: envelope.receivedAt, envelopeCount: 0, decodedBytes: 0, payload: bytes },
        parts: [],
        sizeBytes: 0,
      };
      openByLane.set(lane, open);
      rows.push(open);
    }
    open.parts.push(bytes);
    open.sizeBytes += bytes.length;
    open.row.envelopeCount += 1;
    open.row.decodedBytes += estimateDecodedBytes(envelope);
  }
  return rows.map(({ row, parts }) => ({
    ...row,
    payload: parts.length === 1 ? row.payload : Buffer.concat(parts),
  }));
}
