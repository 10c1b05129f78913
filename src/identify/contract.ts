import type { DecodedRecord, TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';

/** Knows which identities belong to one person. */
export abstract class Identities {
  /**
   * Finds or makes the person of each record, in order, merging persons where a record joins them.
   * Doing the same batch again gives the same persons.
   */
  abstract resolve(records: readonly DecodedRecord[]): Promise<TrackedRecord[]>;
  /** The person that an identity belongs to now, merges followed; null where nobody has it. */
  abstract findUser(projectId: ProjectId, identity: { key: string; value: string }): Promise<UserId | null>;
  /** The persons into which these were merged; itself for one that was not. */
  abstract canonical(userIds: readonly UserId[]): Promise<Map<UserId, UserId>>;
  /** Every identity of a person, as key → values. */
  abstract identitiesOf(userId: UserId): Promise<Record<string, string[]>>;
}
