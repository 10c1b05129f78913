import type { DecodedRecord, TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';

/** Two persons turned out to be one: `from` is now `into`. */
export interface Merge {
  projectId: ProjectId;
  from: UserId;
  into: UserId;
}

export interface Identified {
  /** The records of the batch, each with its person. */
  records: TrackedRecord[];
  /** What the batch merged, in order; the same list when the batch is done again. */
  merges: Merge[];
  /** Persons that the batch made. */
  created: { projectId: ProjectId; userId: UserId }[];
}

/** Knows which identities belong to one person. */
export abstract class Identities {
  /**
   * Finds or makes the person of each record of a journal batch, in order, merging persons where a record joins
   * them. Doing the same batch again gives the same persons.
   * @param mayBeRepeated whether the batch may have been done, wholly or partly, before
   */
  abstract resolve(
    batch: { id: number; mayBeRepeated: boolean },
    records: readonly DecodedRecord[],
  ): Promise<Identified>;
  /** The person that an identity belongs to now, merges followed; null where nobody has it. */
  abstract findUser(projectId: ProjectId, identity: { key: string; value: string }): Promise<UserId | null>;
  /** The persons into which these were merged; itself for one that was not. */
  abstract canonical(userIds: readonly UserId[]): Promise<Map<UserId, UserId>>;
  /** Every identity of a person, as key → values. */
  abstract identitiesOf(userId: UserId): Promise<Record<string, string[]>>;
}
