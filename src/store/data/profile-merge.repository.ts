import { Injectable } from '@nestjs/common';
import type { UserId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Sql } from '../../platform/db/database.js';

export interface KeptMerge {
  mergeId: number;
  userId: UserId;
  into: JsonObject;
  from: JsonObject;
}

/** Profiles as they were before a merge, kept for its undoing. */
@Injectable()
export class ProfileMergeRepository {
  /** @param merges with the survivor as `userId`; a merge that is kept already stays as it is */
  async keep(tx: Sql, merges: readonly KeptMerge[]): Promise<void> {
    if (merges.length === 0) return;
    await tx.execute(
      `INSERT INTO profile_merge (merge_id, into_person_id, from_properties, into_properties)
       SELECT merge_id, into_person_id, from_properties::jsonb, into_properties::jsonb
       FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
         AS kept (merge_id, into_person_id, from_properties, into_properties)
       ON CONFLICT DO NOTHING`,
      [
        merges.map(({ mergeId }) => mergeId),
        merges.map(({ userId }) => userId),
        merges.map(({ from }) => JSON.stringify(from)),
        merges.map(({ into }) => JSON.stringify(into)),
      ],
    );
  }

  /** Takes out what a merge kept. @returns that, and what later merges into the same person kept, in order */
  async take(
    tx: Sql,
    mergeId: number,
    intoUserId: UserId,
  ): Promise<{ kept: KeptMerge | null; later: KeptMerge[] }> {
    const rows = await tx.query<Omit<KeptMerge, 'mergeId' | 'userId'> & { mergeId: string; userId: string }>(
      `SELECT merge_id AS "mergeId", into_person_id AS "userId", from_properties AS "from", into_properties AS "into"
       FROM profile_merge WHERE into_person_id = $1 AND merge_id >= $2 ORDER BY merge_id`,
      [intoUserId, mergeId],
    );
    const merges = rows.map((row) => ({ ...row, mergeId: Number(row.mergeId), userId: Number(row.userId) }));
    await tx.execute('DELETE FROM profile_merge WHERE merge_id = $1', [mergeId]);
    return {
      kept: merges.find((merge) => merge.mergeId === mergeId) ?? null,
      later: merges.filter((merge) => merge.mergeId > mergeId),
    };
  }

  /** Nothing of a person whose profile was deleted is kept, nor what could not be merged into it yet. */
  async forget(tx: Sql, userIds: readonly UserId[]): Promise<void> {
    if (userIds.length === 0) return;
    await tx.execute(
      `DELETE FROM profile_merge WHERE into_person_id IN (
         SELECT id FROM person WHERE id = ANY($1) OR merged_into = ANY($1))`,
      [userIds],
    );
    await tx.execute(
      `UPDATE profile SET properties = '{}', is_deleted = true
       WHERE NOT is_deleted AND person_id IN (SELECT id FROM person WHERE merged_into = ANY($1))`,
      [userIds],
    );
  }
}
