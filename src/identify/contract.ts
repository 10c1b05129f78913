import type { DecodedRecord, TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import type { MergeMembers } from '../kernel/merge-members.js';
import type { MergeRequestRefusal } from '../kernel/reasons.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/** Two persons turned out to be one: `from` is now `into`. */
export interface Merge {
  /** Number of the merge in the installation. */
  id: number;
  projectId: ProjectId;
  from: UserId;
  into: UserId;
}

/** A merge was undone: `restored` left `from` with the identities it had. */
export interface Split {
  mergeId: number;
  projectId: ProjectId;
  restored: UserId;
  from: UserId;
  /** Persons who were merged into `restored` before, and are so again; itself included. */
  family: UserId[];
}

export interface Identified {
  /** The records of the batch, each with its person. */
  records: TrackedRecord[];
  /** What the batch merged, in order; the same list when the batch is done again. */
  merges: Merge[];
  /** Merges of batches before that this one undid. They come before its own merges. */
  splits: Split[];
  /** Persons that the batch made. */
  created: { projectId: ProjectId; userId: UserId }[];
}

/** What a merge would do. It is done wholly or, with any refusal, not at all. */
export interface MergePreview {
  /** Who stays; null where nobody has any of the identities. */
  into: UserId | null;
  from: UserId[];
  /** Identities that nobody has and the survivor gets. */
  assigned: { key: string; value: string }[];
  refusals: MergeRefusal[];
}

export interface MergeRefusal {
  reason: MergeRequestRefusal;
  identity: { key: string; value: string } | null;
  /** The user who cannot be joined, or who has the identity. */
  userId: UserId | null;
}

/** Knows which identities belong to one person. */
export abstract class Identities {
  /**
   * Finds or makes the person of each record of a journal batch, in order, merging persons where a record joins
   * them. Doing the same batch again gives the same persons.
   * @param batch `mayBeRepeated`: it may have been done, wholly or partly, before; `lease` as in `JournalBatch`
   * @param isPart the records are a part of the batch, whose whole could not be done
   */
  abstract resolve(
    batch: { id: number; lease: number; mayBeRepeated: boolean },
    records: readonly DecodedRecord[],
    isPart?: boolean,
  ): Promise<Identified>;
  /** The person that a user is now, merges followed; null where the project never had such a user. */
  abstract findCurrent(projectId: ProjectId, userId: UserId): Promise<UserId | null>;
  /** The persons that identities belong to now, merges followed, in the order asked; null where nobody has one. */
  abstract findUsers(
    projectId: ProjectId,
    identities: readonly { key: string; value: string }[],
  ): Promise<(UserId | null)[]>;
  /** Like `findCurrent`, for many at once, in the order in which they are asked. */
  abstract findAllCurrent(projectId: ProjectId, userIds: readonly UserId[]): Promise<(UserId | null)[]>;
  /** Every identity of a person, as key → values. */
  abstract identitiesOf(userId: UserId): Promise<Record<string, string[]>>;
  /** What a merge of these would do now; changes nothing. */
  abstract previewMerge(projectId: ProjectId, members: MergeMembers): Promise<MergePreview>;
}

/** Takes what an admin asked for into the journal; bound in `flow`. */
export abstract class MergeRequestSink {
  /** @param item a record of the internal format */
  abstract submit(projectId: ProjectId, item: JsonObject): Promise<void>;
}

/** What has to be done by the clock: rows that nobody needs any more. */
export abstract class IdentifyUpkeep {
  abstract tasks(): UpkeepTask[];
}
