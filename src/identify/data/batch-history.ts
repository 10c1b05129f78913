import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { Identified, Merge, Split } from '../contract.js';
import { findFamily } from './merge-undo.js';
import { PersonAliasRepository } from './person-alias.repository.js';

/** What a batch changed, in its own words. */
export type BatchChanges = Pick<Identified, 'merges' | 'splits' | 'created'>;

/** Keeps what each batch made of its records, so that the batch done again comes out the same. */
@Injectable()
export class BatchHistory {
  constructor(
    private readonly db: Database,
    private readonly aliases: PersonAliasRepository,
  ) {}

  /** Whose the records of a batch were; null where it was never saved. */
  async usersOf(batchId: number): Promise<UserId[] | null> {
    const [row] = await this.db.query<{ userIds: string[] }>(
      'SELECT user_ids AS "userIds" FROM identity_batch WHERE batch_id = $1',
      [batchId],
    );
    return row?.userIds.map(Number) ?? null;
  }

  /** Keeps whose the records were, together with what the batch changed. */
  async save(tx: Sql, batchId: number, userIds: readonly UserId[]): Promise<void> {
    await tx.execute(
      'INSERT INTO identity_batch (batch_id, user_ids) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [batchId, userIds],
    );
  }

  /** For a batch that changed nothing. Not on disk by itself: what could change the answer is written behind it. */
  async saveAlone(batchId: number, userIds: readonly UserId[]): Promise<void> {
    await this.db.execute(
      `INSERT INTO identity_batch (batch_id, user_ids)
       SELECT $1, $2::bigint[] FROM set_config('synchronous_commit', 'off', true) ON CONFLICT DO NOTHING`,
      [batchId, userIds],
    );
  }

  async changesOf(batchId: number): Promise<BatchChanges> {
    const [merges, splits, created] = await Promise.all([
      this.mergesOf(batchId),
      this.splitsOf(batchId),
      this.personsOf(batchId),
    ]);
    return { merges, splits, created };
  }

  /** Tells ClickHouse who the persons are now. */
  async publish(batchId: number, { merges, splits }: Omit<BatchChanges, 'created'>): Promise<void> {
    if (merges.length + splits.length > 0) await this.aliases.publish(batchId, merges, splits);
  }

  async prune(): Promise<void> {
    await this.db.execute(
      'DELETE FROM identity_batch WHERE NOT EXISTS (SELECT FROM journal_batch WHERE journal_batch.id = identity_batch.batch_id)',
    );
  }

  private async mergesOf(batchId: number): Promise<Merge[]> {
    const rows = await this.db.query<{ id: string; projectId: ProjectId; from: string; into: string }>(
      `SELECT id, project_id AS "projectId", from_person_id AS "from", into_person_id AS "into"
       FROM person_merge WHERE batch_id = $1 ORDER BY person_merge.id`,
      [batchId],
    );
    return rows.map(({ id, projectId, from, into }) => ({
      id: Number(id),
      projectId,
      from: Number(from),
      into: Number(into),
    }));
  }

  private async splitsOf(batchId: number): Promise<Split[]> {
    const rows = await this.db.query<{ id: string; projectId: ProjectId; from: string; into: string }>(
      `SELECT id, project_id AS "projectId", from_person_id AS "from", into_person_id AS "into"
       FROM person_merge WHERE undone_batch_id = $1 ORDER BY person_merge.id`,
      [batchId],
    );
    const splits: Split[] = [];
    for (const { id, projectId, from, into } of rows) {
      const family = await findFamily(this.db, Number(from));
      splits.push({ mergeId: Number(id), projectId, restored: Number(from), from: Number(into), family });
    }
    return splits;
  }

  private async personsOf(batchId: number): Promise<{ projectId: ProjectId; userId: UserId }[]> {
    const rows = await this.db.query<{ projectId: ProjectId; id: string }>(
      'SELECT project_id AS "projectId", id FROM person WHERE created_batch_id = $1',
      [batchId],
    );
    return rows.map(({ projectId, id }) => ({ projectId, userId: Number(id) }));
  }
}
