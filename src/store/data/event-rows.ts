import type { TrackedRecord } from '../../kernel/event.js';
import { forEachInTurns } from '../../kernel/turns.js';
import { RowWriter } from '../../platform/clickhouse/row-writer.js';
import { EVENT_TABLE } from '../contract.js';

/** What `toEventRows` writes. */
export const EVENT_ROWS = `${EVENT_TABLE} (project_id, event, user_id, time, event_id, distinct_id, client_time, received_at, source, properties)`;

/** Of an event with 30 properties; of one with more, the writer grows. */
const EVENT_BYTES = 768;
const SEEN_BYTES = 44;

/** What `toSeenRows` writes. */
export const SEEN_ROWS = 'event_seen (project_id, client_time, event_id, batch_id, received_at)';

/** The user is the one from before any merge: the dictionary of merged persons does the rest, and an undo can. */
export async function toEventRows(records: readonly TrackedRecord[]): Promise<RowWriter> {
  const rows = new RowWriter(records.length * EVENT_BYTES);
  await forEachInTurns(records, (record) => {
    rows.uint32(record.projectId);
    rows.text(record.event);
    rows.int64(record.formerUserId ?? record.userId);
    rows.int64(record.time);
    rows.uuid(record.eventId);
    rows.text(record.distinctId);
    rows.int64(record.clientTime ?? record.receivedAt);
    rows.int64(record.receivedAt);
    rows.text(record.source);
    rows.json(record.properties);
  });
  return rows;
}

export async function toSeenRows(records: readonly TrackedRecord[], batchId: number): Promise<RowWriter> {
  const rows = new RowWriter(records.length * SEEN_BYTES);
  await forEachInTurns(records, (record) => {
    rows.uint32(record.projectId);
    rows.int64(seenTime(record));
    rows.uuid(record.eventId);
    rows.int64(batchId);
    rows.int64(record.receivedAt);
  });
  return rows;
}

/** The time under which a record is recognised: the client's own, which is the same whenever it is sent; else 0. */
export function seenTime(record: TrackedRecord): number {
  return record.clientTime ?? 0;
}

/** 32 hex digits as a UUID. */
export function toUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function fromUuid(uuid: string): string {
  return uuid.replaceAll('-', '');
}
