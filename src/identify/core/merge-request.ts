import { createHash } from 'node:crypto';
import type { DecodedRecord, RecordType } from '../../kernel/event.js';
import type { UserId } from '../../kernel/ids.js';
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.js';

/** What an admin asked for. It goes through the journal, so that it has its place among the records of its project. */
export type MergeRequest =
  | { kind: 'merge'; id: string; by: string; userIds: UserId[]; identities: { key: string; value: string }[] }
  | { kind: 'undo'; id: string; by: string; mergeId: number };

const TYPES = { merge: 'merge_users', undo: 'undo_merge' } as const satisfies Record<
  MergeRequest['kind'],
  RecordType
>;

export function isMergeRequest({ type }: Pick<DecodedRecord, 'type'>): boolean {
  return type === 'merge_users' || type === 'undo_merge';
}

/** The request as the internal format of the journal takes it. */
export function toJournalItem(request: MergeRequest, time: number): JsonObject {
  const { kind, ...properties } = request;
  const eventId = createHash('sha256').update(`merge-request\n${request.id}`).digest('hex').slice(0, 32);
  return { eventId, type: TYPES[kind], time, properties };
}

/** Reads back what `toJournalItem` wrote; null for anything else. */
export function readMergeRequest({ type, properties }: DecodedRecord): MergeRequest | null {
  const { id, by, userIds, identities, mergeId } = properties;
  if (typeof id !== 'string' || typeof by !== 'string') return null;
  if (type === 'undo_merge') return typeof mergeId === 'number' ? { kind: 'undo', id, by, mergeId } : null;
  if (type !== 'merge_users' || !Array.isArray(userIds) || !Array.isArray(identities)) return null;
  return { kind: 'merge', id, by, userIds: userIds.map(Number), identities: identities.flatMap(toIdentity) };
}

/** Merge ids as they are shown outside, `mrg_<n>`. */
export function formatMergeId(mergeId: number): string {
  return `mrg_${mergeId}`;
}

/** Reads `mrg_<n>`; null where the text has another form. */
export function parseMergeId(text: string): number | null {
  const match = /^mrg_([1-9]\d{0,14})$/.exec(text);
  return match ? Number(match[1]) : null;
}

function toIdentity(item: Json): { key: string; value: string }[] {
  if (!isJsonObject(item)) return [];
  const { key, value } = item;
  return typeof key === 'string' && typeof value === 'string' ? [{ key, value }] : [];
}
