import { Injectable } from '@nestjs/common';
import { NO_USER, type UserId } from '../../kernel/ids.js';
import type { ClaimRefusal } from '../../kernel/reasons.js';
import type { Sql } from '../../platform/db/database.js';
import type { Merge } from '../contract.js';
import type { GraphChange, GraphPhase, MergeNote, RefusedClaim } from '../core/identity-graph.js';

/** Of the survivor's identities a merge keeps so many, the newest: they are there for people to read. */
const KEPT_IDENTITIES = 100;

/** The reason lies in the identity, and any number of users may claim it: one row for all of them. */
const OF_THE_IDENTITY: ReadonlySet<ClaimRefusal> = new Set([
  'blocked_value',
  'key_never_joins',
  'shared_value',
]);

/** Writes what a batch changed in the identity graph. */
@Injectable()
export class GraphWriter {
  /**
   * @param requestedBy API key of the admin who asked for the merges; null: a record caused them
   * @returns the merges, in order
   */
  async save(
    tx: Sql,
    batchId: number,
    change: GraphChange,
    requestedBy: string | null = null,
  ): Promise<Merge[]> {
    await insertPersons(tx, batchId, change);
    const merges: Merge[] = [];
    for (const phase of change.phases) {
      await insertIdentities(tx, phase);
      // One after the other: a person absorbed early may belong to one that is absorbed later.
      for (const note of phase.merged) merges.push(await saveMerge(tx, { ...note, batchId, requestedBy }));
      await removeIdentities(tx, phase);
    }
    await countRefusals(tx, change.refused);
    return merges;
  }
}

async function insertPersons(tx: Sql, batchId: number, { created }: GraphChange): Promise<void> {
  if (created.length === 0) return;
  await tx.execute(
    `INSERT INTO person (project_id, id, created_batch_id)
     SELECT project_id, id, $3 FROM unnest($1::int[], $2::bigint[]) AS made (project_id, id)`,
    [created.map(({ projectId }) => projectId), created.map(({ userId }) => userId), batchId],
  );
}

async function insertIdentities(tx: Sql, { assigned }: GraphPhase): Promise<void> {
  if (assigned.length === 0) return;
  await tx.execute(
    `INSERT INTO person_identity (project_id, key, value, person_id)
     SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::bigint[])
     ON CONFLICT (project_id, key, value) DO NOTHING`,
    [
      assigned.map(({ identity }) => identity.projectId),
      assigned.map(({ identity }) => identity.key),
      assigned.map(({ identity }) => identity.value),
      assigned.map(({ userId }) => userId),
    ],
  );
}

async function removeIdentities(tx: Sql, { removed }: GraphPhase): Promise<void> {
  if (removed.length === 0) return;
  await tx.execute(
    `WITH asked AS (
       SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[])
         AS asked (project_id, key, value, event_id, person_id)),
     gone AS (
       DELETE FROM person_identity AS identity USING asked
       WHERE identity.project_id = asked.project_id AND identity.key = asked.key AND identity.value = asked.value)
     INSERT INTO identity_unbind (project_id, event_id, key, value, person_id)
     SELECT project_id, event_id, key, value, person_id FROM asked ON CONFLICT DO NOTHING`,
    [
      removed.map(({ identity }) => identity.projectId),
      removed.map(({ identity }) => identity.key),
      removed.map(({ identity }) => identity.value),
      removed.map(({ eventId }) => eventId),
      removed.map(({ userId }) => userId),
    ],
  );
}

async function saveMerge(
  tx: Sql,
  merge: MergeNote & { batchId: number; requestedBy: string | null },
): Promise<Merge> {
  const { projectId, from, into } = merge;
  const [row] = await tx.query<{ id: string }>(
    `WITH moved AS (UPDATE person_identity SET person_id = $3 WHERE person_id = $2 RETURNING key, value)
     INSERT INTO person_merge
       (project_id, from_person_id, into_person_id, batch_id, event_id, event, requested_by, from_identities, into_identities)
     SELECT $1, $2, $3, $4, $5, $6, $7,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(key, value) ORDER BY key, value), '[]') FROM moved),
       (SELECT coalesce(jsonb_agg(jsonb_build_array(key, value) ORDER BY key, value), '[]') FROM (
          SELECT key, value FROM person_identity WHERE person_id = $3 ORDER BY created_at DESC LIMIT ${KEPT_IDENTITIES}) AS own)
     RETURNING id`,
    [projectId, from, into, merge.batchId, merge.eventId, merge.event, merge.requestedBy],
  );
  await tx.execute(
    'UPDATE person SET merged_into = $2, merged_at = now() WHERE id = $1 OR merged_into = $1',
    [from, into],
  );
  await handOverFacts(tx, from, into);
  return { id: Number(row?.id), projectId, from, into };
}

async function handOverFacts(tx: Sql, from: UserId, into: UserId): Promise<void> {
  const [taken] = await tx.query<{ splitFrom: string[] | null }>(
    `UPDATE person SET absorbed = person.absorbed + 1 + gone.absorbed,
       split_from = nullif(ARRAY(SELECT DISTINCT unnest(person.split_from || gone.split_from)), '{}')
     FROM person AS gone WHERE gone.id = $1 AND person.id = $2
     RETURNING gone.split_from AS "splitFrom"`,
    [from, into],
  );
  if (!taken?.splitFrom) return;
  await tx.execute('UPDATE person SET split_from = array_append(split_from, $2) WHERE id = ANY($1)', [
    taken.splitFrom,
    into,
  ]);
}

/** A row per user and identity, counted up; the first row of another user makes the identity one more claimed in vain. */
async function countRefusals(tx: Sql, refused: readonly RefusedClaim[]): Promise<void> {
  if (refused.length === 0) return;
  await tx.execute(
    `WITH given AS (
       SELECT project_id, reason, key, value, person_id, max(owner_id) AS owner_id, count(*) AS times,
         (array_agg(event_id ORDER BY place DESC))[1] AS event_id
       FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
         WITH ORDINALITY AS claim (project_id, reason, key, value, person_id, owner_id, event_id, place)
       GROUP BY 1, 2, 3, 4, 5),
     kept AS (
       INSERT INTO identity_refusal AS known
         (project_id, reason, key, value, person_id, owner_person_id, times, event_id)
       SELECT project_id, reason, key, value, person_id, owner_id, times, event_id FROM given
       ON CONFLICT (project_id, reason, key, value, person_id) DO UPDATE SET times = known.times + excluded.times,
         owner_person_id = excluded.owner_person_id, event_id = excluded.event_id, last_at = now()
       RETURNING project_id, reason, key, value, xmax = 0 AS is_new)
     UPDATE person_identity AS identity SET claims = identity.claims + fresh.claims
     FROM (SELECT project_id, key, value, count(*) AS claims FROM kept
           WHERE is_new AND reason = 'other_login' GROUP BY 1, 2, 3) AS fresh
     WHERE identity.project_id = fresh.project_id AND identity.key = fresh.key AND identity.value = fresh.value`,
    [
      refused.map(({ identity }) => identity.projectId),
      refused.map(({ reason }) => reason),
      refused.map(({ identity }) => identity.key),
      refused.map(({ identity }) => identity.value),
      refused.map(({ reason, userId }) => (OF_THE_IDENTITY.has(reason) ? NO_USER : userId)),
      refused.map(({ ownerId }) => ownerId),
      refused.map(({ eventId }) => eventId),
    ],
  );
}
