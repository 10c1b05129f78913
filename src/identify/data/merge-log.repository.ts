import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { ClaimRefusal } from '../../kernel/reasons.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { MergeRefusal } from '../contract.js';

export interface StoredMerge {
  id: number;
  from: UserId;
  into: UserId;
  eventId: string;
  event: string;
  fromIdentities: [key: string, value: string][];
  intoIdentities: [key: string, value: string][];
  requestedBy: string | null;
  at: Date;
  undoneAt: Date | null;
  undoneBy: string | null;
}

export interface StoredRefusal {
  id: number;
  reason: ClaimRefusal;
  key: string;
  value: string;
  /** 0 where the reason lies in the identity. */
  userId: UserId;
  ownerId: UserId | null;
  times: number;
  eventId: string;
  firstAt: Date;
  lastAt: Date;
}

export interface MergeRequestResult {
  id: string;
  kind: 'merge' | 'undo';
  state: 'done' | 'refused';
  refusals: MergeRefusal[];
  mergeIds: number[];
}

/** A page of a list, newest first, behind the row `before`. */
export interface Before {
  before: number | null;
  limit: number;
}

const MERGE = `id, from_person_id AS "from", into_person_id AS "into", event_id AS "eventId", event,
  from_identities AS "fromIdentities", into_identities AS "intoIdentities", requested_by AS "requestedBy", at,
  undone_at AS "undoneAt", undone_by AS "undoneBy"`;

/** The record of merges, of claims that were refused, and of what admins asked for. */
@Injectable()
export class MergeLogRepository {
  constructor(private readonly db: Database) {}

  async list(projectId: ProjectId, page: Before): Promise<StoredMerge[]> {
    const rows = await this.db.query<StoredMerge>(
      `SELECT ${MERGE} FROM person_merge
       WHERE project_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY person_merge.id DESC LIMIT $3`,
      [projectId, page.before, page.limit],
    );
    return rows.map(toMerge);
  }

  /** Merges in which a person, or anybody who was merged into them, took part. */
  async listOfUser(projectId: ProjectId, userId: UserId, page: Before): Promise<StoredMerge[]> {
    const rows = await this.db.query<StoredMerge>(
      `WITH family AS (SELECT id FROM person WHERE id = $2 OR merged_into = $2)
       SELECT ${MERGE} FROM person_merge
       WHERE project_id = $1 AND ($3::bigint IS NULL OR id < $3)
         AND (from_person_id IN (SELECT id FROM family) OR into_person_id IN (SELECT id FROM family))
       ORDER BY person_merge.id DESC LIMIT $4`,
      [projectId, userId, page.before, page.limit],
    );
    return rows.map(toMerge);
  }

  async has(projectId: ProjectId, mergeId: number): Promise<boolean> {
    const rows = await this.db.query('SELECT 1 FROM person_merge WHERE id = $1 AND project_id = $2', [
      mergeId,
      projectId,
    ]);
    return rows.length > 0;
  }

  async listRefusals(
    projectId: ProjectId,
    filter: { reason: ClaimRefusal | null },
    page: Before,
  ): Promise<StoredRefusal[]> {
    const rows = await this.db.query<StoredRefusal>(
      `SELECT id, reason, key, value, person_id AS "userId", owner_person_id AS "ownerId", times,
         event_id AS "eventId", first_at AS "firstAt", last_at AS "lastAt"
       FROM identity_refusal
       WHERE project_id = $1 AND ($2::text IS NULL OR reason = $2) AND ($3::bigint IS NULL OR id < $3)
       ORDER BY identity_refusal.id DESC LIMIT $4`,
      [projectId, filter.reason, page.before, page.limit],
    );
    return rows.map((row) => ({
      ...row,
      id: Number(row.id),
      userId: Number(row.userId),
      ownerId: row.ownerId === null ? null : Number(row.ownerId),
    }));
  }

  /** What became of a request; null until its batch is through the whole flow. */
  async findRequest(projectId: ProjectId, id: string): Promise<MergeRequestResult | null> {
    const [row] = await this.db.query<Omit<MergeRequestResult, 'mergeIds'> & { mergeIds: string[] }>(
      `SELECT id, kind, state, refusals, merge_ids AS "mergeIds" FROM merge_request
       WHERE id = $1 AND project_id = $2
         AND NOT EXISTS (SELECT FROM journal_batch WHERE journal_batch.id = merge_request.batch_id)`,
      [id, projectId],
    );
    return row ? { ...row, mergeIds: row.mergeIds.map(Number) } : null;
  }

  async hasRequest(tx: Sql, id: string): Promise<boolean> {
    return (await tx.query('SELECT 1 FROM merge_request WHERE id = $1', [id])).length > 0;
  }

  async saveRequest(
    tx: Sql,
    request: { projectId: ProjectId; batchId: number; by: string },
    result: MergeRequestResult,
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO merge_request (id, project_id, kind, state, requested_by, refusals, merge_ids, batch_id)
       VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8)`,
      [
        result.id,
        request.projectId,
        result.kind,
        result.state,
        request.by,
        JSON.stringify(result.refusals),
        result.mergeIds,
        request.batchId,
      ],
    );
  }
}

function toMerge(row: StoredMerge): StoredMerge {
  return { ...row, id: Number(row.id), from: Number(row.from), into: Number(row.into) };
}
