import type { ProjectId, UserId } from './ids.js';
import type { JsonObject } from './json.js';

/**
 * One HTTP request of an SDK as the journal keeps it: the bytes as they came, and what the
 * connection knew. Nothing in it is decoded, so an envelope can be replayed by a later decoder.
 */
export interface Envelope {
  /** Name of the registered event source that knows how to read it. */
  source: string;
  projectId: ProjectId;
  /** Milliseconds since 1970, our clock. */
  receivedAt: number;
  ip: string;
  userAgent: string;
  /** Raw query string without `?`. */
  query: string;
  body: Buffer;
}

/**
 * Record types of the event model; a source maps its own words onto these. `merge_users` and `undo_merge` are what an
 * admin asked for; only Rekindle itself makes them.
 */
export type RecordType =
  | 'track'
  | 'identify'
  | 'unbind'
  | 'merge_users'
  | 'undo_merge'
  | 'profile_set'
  | 'profile_set_once'
  | 'profile_increment'
  | 'profile_append'
  | 'profile_unset'
  | 'profile_delete';

/**
 * One record out of an envelope, decoded and validated, its person not yet known.
 *
 * `eventId` is 32 lower-case hex digits, the same for the same record however often it is sent.
 */
export interface DecodedRecord {
  eventId: string;
  projectId: ProjectId;
  type: RecordType;
  /** Event name; empty for profile records. */
  event: string;
  distinctId: string;
  /** Every identity the record names, as `key → value`, its distinct id included. */
  identities: Record<string, string>;
  /** For `identify`: the anonymous id that the login id takes over. */
  originalId: string | null;
  /** Key of the identity under which the user signed in, where that is not `$identity_login_id`. */
  loginKey?: string;
  /** Corrected time, milliseconds since 1970, UTC. */
  time: number;
  /** Time as the client gave it; null where it gave none. */
  clientTime: number | null;
  receivedAt: number;
  /** SDK name and version, such as `js/1.27.11`. */
  source: string;
  properties: JsonObject;
}

/** A record whose person is known. */
export interface TrackedRecord extends DecodedRecord {
  userId: UserId;
  /** Who the user was when the record came, where a later record of the same batch merged them into `userId`. */
  formerUserId?: UserId;
  /** A step refused it once: later records of its user have been through that step before it. */
  isResumed?: true;
}

/**
 * A change of one entry of the project's catalogue, such as a product, named by its type and id. It belongs to no
 * user: it travels beside the records.
 */
export interface ItemRecord {
  projectId: ProjectId;
  type: 'item_set' | 'item_delete';
  itemType: string;
  itemId: string;
  /** All there is of the item from now on; empty for a delete. */
  properties: JsonObject;
}

/** Whether a record is an event of its user, with a place on the timeline. */
export function isEvent({ type }: Pick<DecodedRecord, 'type'>): boolean {
  return type === 'track' || type === 'identify';
}

/** Key of the identity by which Rekindle's own events name their user; nothing from outside may use it. */
export const OWN_IDENTITY_KEY = '$rekindle_user';

/** Names of the events that Rekindle itself records on a user's timeline. */
export const SYSTEM_EVENTS = {
  messageSent: '$MessageSent',
  messageHeld: '$MessageHeld',
  messageOpened: '$MessageOpened',
  linkClicked: '$LinkClicked',
  attributed: '$AdAttributed',
  callbackSent: '$AdCallbackSent',
  segmentEntered: '$SegmentEntered',
  segmentExited: '$SegmentExited',
} as const;

const SYSTEM_EVENT_NAMES: ReadonlySet<string> = new Set(Object.values(SYSTEM_EVENTS));

/** Whether an event was recorded by Rekindle; such an event is no sign of life of the user. */
export function isSystemEvent(event: string): boolean {
  return SYSTEM_EVENT_NAMES.has(event);
}
