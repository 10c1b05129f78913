import type { ItemRecord, TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import type { Json, JsonObject } from '../kernel/json.js';
import type { ProfileMerge } from '../kernel/resumption.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/**
 * ClickHouse table of the events. Every query names the project. Columns: project_id UInt32,
 * event LowCardinality(String), user_id UInt64, event_id UUID, distinct_id String,
 * time / client_time / received_at DateTime64(3, 'UTC'), source LowCardinality(String), properties JSON, and the
 * alias `person` UInt64: the user after every later merge. Count and group by `person`, never by `user_id`.
 *
 * A property is read as `toString({p:Identifier})` or `accurateCastOrNull({p:Identifier}, 'Float64')` with the
 * bound value `properties.<name>`, so that its name never becomes SQL text.
 *
 * Two projections hold counts by event and time (docs/adr/0023), a third one project, event, user_id and time by user
 * (docs/adr/0026): ClickHouse reads them where they answer a query.
 */
export const EVENT_TABLE = 'event';

/**
 * ClickHouse table of the profiles (ReplacingMergeTree by version: read it with FINAL). Columns: project_id UInt32,
 * user_id UInt64 (always a merged person), properties JSON, version UInt64, is_deleted UInt8.
 * Every person has a row, also one without properties: it is the population of a project.
 */
export const PROFILE_TABLE = 'profile';

/**
 * ClickHouse table of the items (ReplacingMergeTree by version and is_deleted: read it with FINAL, which leaves deleted
 * ones out). Columns: project_id UInt32, item_type LowCardinality(String), item_id String, properties JSON,
 * version UInt64, is_deleted UInt8. An event names an item by a property that holds the item's id as text, so a join is
 * `ON item.item_id = toString(event.properties.…)` within one project and one item type.
 */
export const ITEM_TABLE = 'item';

/**
 * ClickHouse table of merged persons: person_id UInt64 is now canonical UInt64, by the highest version. It says under
 * which user numbers a person's events lie; who a row belongs to is told by `person`.
 */
export const PERSON_ALIAS_TABLE = 'person_alias';

/** One entry of a user's timeline, as the API shows it. */
export interface StoredEvent {
  eventId: string;
  event: string;
  userId: UserId;
  distinctId: string;
  time: number;
  clientTime: number;
  receivedAt: number;
  source: string;
  properties: JsonObject;
}

export abstract class EventStore {
  /**
   * Leaves out the records, of whatever type, that another batch stored within the window, or that come twice.
   * @param batch what this very batch stored before does not count; `lease` as in `JournalBatch`
   */
  abstract withoutDuplicates(
    batch: { id: number; lease: number },
    records: readonly TrackedRecord[],
  ): Promise<TrackedRecord[]>;
  /**
   * Stores the events among the records, and marks every record as seen.
   * @param batchId the same batch stored again changes nothing
   * @param part name of the part of the batch, where it is stored in parts
   */
  abstract append(batchId: number, records: readonly TrackedRecord[], part?: string): Promise<void>;
  /** A person's events, newest first; `before` is the key of the last one of the page before. */
  abstract timeline(
    projectId: ProjectId,
    userId: UserId,
    page: {
      limit: number;
      before: { time: number; eventId: string } | null;
      events?: readonly string[];
    },
  ): Promise<StoredEvent[]>;
}

export interface Profile {
  userId: UserId;
  properties: JsonObject;
  /** Last change of the properties; null for a person who never had one. */
  updatedAt: number | null;
}

/** The profile that a merge would give, and what would be lost. */
export interface MergedProfile {
  properties: JsonObject;
  /** Properties of which an absorbed person has another value than the one that stays. */
  conflicts: {
    property: string;
    kept: { userId: UserId; value: Json };
    lost: { userId: UserId; value: Json }[];
  }[];
}

/** What a journal batch means for the profiles. */
export interface ProfileBatch {
  id: number;
  records: readonly TrackedRecord[];
  merges: readonly ProfileMerge[];
  /** Merges of which the profiles cannot become one: that of `from` is kept out of sight until it can be merged. */
  unmerged: readonly ProfileMerge[];
  /** Merges of batches before that this one undid; they come before its own merges. */
  splits: readonly { mergeId: number; projectId: ProjectId; restored: UserId; from: UserId }[];
  created: readonly { projectId: ProjectId; userId: UserId }[];
}

export abstract class Profiles {
  /** Applies the splits, merges and profile records of one journal batch, in this order, exactly once. */
  abstract apply(batch: ProfileBatch): Promise<void>;
  /** Fails where `apply` would, and changes no profile; has to be followed by an `apply` of the same batch. */
  abstract tryOut(batch: ProfileBatch): Promise<void>;
  /** Profiles of persons. Absent are those whom the project does not have, and those who were merged into another. */
  abstract read(projectId: ProjectId, userIds: readonly UserId[]): Promise<Map<UserId, Profile>>;
  /** What the profile would be if these persons were merged, the first one staying; changes nothing. */
  abstract previewMerge(projectId: ProjectId, userIds: readonly UserId[]): Promise<MergedProfile>;
}

/** The catalogue of a project. */
export abstract class Items {
  /**
   * Applies the item records of one journal batch, in order; the same batch again changes nothing, also where a
   * person changed one of the items since.
   */
  abstract apply(batchId: number, records: readonly ItemRecord[]): Promise<void>;
  /** Fails where `apply` would, and changes no item; has to be followed by an `apply` of the same batch. */
  abstract tryOut(batchId: number, records: readonly ItemRecord[]): Promise<void>;
}

/** What has to be done by the clock: rows that nobody needs any more. */
export abstract class StoreUpkeep {
  abstract tasks(): UpkeepTask[];
}
