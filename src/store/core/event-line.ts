import type { TrackedRecord } from '../../kernel/event.js';

/** One row of the event table as a line of JSONEachRow. Times are milliseconds, which DateTime64(3) takes as they are. */
export function toEventLine(record: TrackedRecord): string {
  return (
    `{"project_id":${record.projectId},"event":${JSON.stringify(record.event)},"user_id":${record.userId},` +
    `"time":${record.time},"event_id":"${toUuid(record.eventId)}","distinct_id":${JSON.stringify(record.distinctId)},` +
    `"client_time":${record.clientTime ?? record.receivedAt},"received_at":${record.receivedAt},"source":${JSON.stringify(record.source)},` +
    `"properties":${JSON.stringify(record.properties)}}`
  );
}

/** The time under which a record is recognised: the client's own, which is the same whenever it is sent; else 0. */
export function seenTime(record: TrackedRecord): number {
  return record.clientTime ?? 0;
}

export function toSeenLine(record: TrackedRecord, batchId: number): string {
  return (
    `{"project_id":${record.projectId},"client_time":${seenTime(record)},"event_id":"${toUuid(record.eventId)}",` +
    `"batch_id":${batchId},"received_at":${record.receivedAt}}`
  );
}

/** 32 hex digits as a UUID. */
export function toUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function fromUuid(uuid: string): string {
  return uuid.replaceAll('-', '');
}
