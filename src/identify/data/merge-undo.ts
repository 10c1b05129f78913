import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { MergeRequestRefusal } from '../../kernel/reasons.js';
import type { Sql } from '../../platform/db/database.js';
import type { Split } from '../contract.js';

interface MergeRow {
  from: string;
  into: string;
  isUndone: boolean;
  mergedFurther: boolean;
}

/** Takes a merge back, as far as identities and persons are concerned. */
@Injectable()
export class MergeUndo {
  /**
   * Gives the absorbed person the identities that they had and that the survivor still has. What the survivor got
   * since stays. The two are not joined again by themselves.
   * @param by API key of the admin who asked for it
   */
  async undo(
    tx: Sql,
    {
      batchId,
      projectId,
      mergeId,
      by,
    }: { batchId: number; projectId: ProjectId; mergeId: number; by: string },
  ): Promise<Split | MergeRequestRefusal> {
    const [merge] = await tx.query<MergeRow>(
      `SELECT merge.from_person_id AS "from", merge.into_person_id AS "into", merge.undone_at IS NOT NULL AS "isUndone",
         survivor.merged_into IS NOT NULL AS "mergedFurther"
       FROM person_merge AS merge JOIN person AS survivor ON survivor.id = merge.into_person_id
       WHERE merge.id = $1 AND merge.project_id = $2 FOR UPDATE OF merge`,
      [mergeId, projectId],
    );
    if (!merge) return 'nothing_to_join';
    if (merge.isUndone) return 'already_undone';
    if (merge.mergedFurther) return 'merged_further';
    const [restored, from] = [Number(merge.from), Number(merge.into)];
    const family = await findFamily(tx, restored);
    await returnIdentities(tx, mergeId, restored, from);
    await separate(tx, { restored, from, family });
    await tx.execute(
      'UPDATE person_merge SET undone_at = now(), undone_by = $2, undone_batch_id = $3 WHERE id = $1',
      [mergeId, by, batchId],
    );
    return { mergeId, projectId, restored, from, family };
  }
}

/** A person and all who were merged into them, directly or before. */
export async function findFamily(sql: Sql, userId: UserId): Promise<UserId[]> {
  const rows = await sql.query<{ id: string }>(
    `WITH RECURSIVE family AS (
       SELECT $1::bigint AS id
       UNION SELECT merge.from_person_id FROM person_merge AS merge JOIN family ON merge.into_person_id = family.id
       WHERE merge.undone_at IS NULL)
     SELECT id FROM family`,
    [userId],
  );
  return rows.map(({ id }) => Number(id));
}

/** An identity that was unbound and given to the survivor anew is younger than the merge, and stays. */
async function returnIdentities(tx: Sql, mergeId: number, restored: UserId, from: UserId): Promise<void> {
  await tx.execute(
    `UPDATE person_identity AS identity SET person_id = $2
     FROM person_merge AS merge, jsonb_array_elements(merge.from_identities) AS had
     WHERE merge.id = $1 AND identity.project_id = merge.project_id AND identity.key = had ->> 0
       AND identity.value = had ->> 1 AND identity.person_id = $3 AND identity.created_at <= merge.at`,
    [mergeId, restored, from],
  );
}

async function separate(
  tx: Sql,
  { restored, from, family }: { restored: UserId; from: UserId; family: readonly UserId[] },
): Promise<void> {
  await tx.execute(
    `UPDATE person SET merged_into = nullif($1::bigint, id), merged_at = CASE WHEN id = $1 THEN NULL ELSE merged_at END
     WHERE id = ANY($2)`,
    [restored, family],
  );
  await tx.execute('UPDATE person SET absorbed = absorbed - $2 WHERE id = $1', [from, family.length]);
  await tx.execute(
    `UPDATE person SET split_from = ARRAY(SELECT DISTINCT unnest(split_from || CASE WHEN id = $1 THEN $2 ELSE $1 END::bigint))
     WHERE id IN ($1, $2)`,
    [restored, from],
  );
}
