import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import { RowWriter } from '../../platform/clickhouse/row-writer.js';
import { Database, type Sql } from '../../platform/db/database.js';
import { PROFILE_TABLE, type Profile } from '../contract.js';
import type { ProfileState } from '../core/apply-profile.js';

export interface ProfileChange extends ProfileState {
  userId: UserId;
  projectId: ProjectId;
}

const PROFILE_ROWS = `${PROFILE_TABLE} (project_id, user_id, properties, version, is_deleted)`;

@Injectable()
export class ProfileRepository {
  constructor(
    private readonly db: Database,
    private readonly clickhouse: ClickHouse,
  ) {}

  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** Does the work and takes it back. */
  trial(work: (tx: Sql) => Promise<void>): Promise<void> {
    return this.db.trial(work);
  }

  /** @returns false where the batch has changed the profiles before */
  async claimBatch(tx: Sql, batchId: number): Promise<boolean> {
    const claimed = await tx.execute(
      'INSERT INTO profile_batch (batch_id) VALUES ($1) ON CONFLICT DO NOTHING',
      [batchId],
    );
    return claimed === 1;
  }

  async lock(tx: Sql, userIds: readonly UserId[]): Promise<Map<UserId, ProfileState>> {
    const rows = await tx.query<{ userId: string; properties: JsonObject; isDeleted: boolean }>(
      `SELECT person_id AS "userId", properties, is_deleted AS "isDeleted" FROM profile
       WHERE person_id = ANY($1) ORDER BY person_id FOR UPDATE`,
      [userIds],
    );
    return new Map(rows.map(({ userId, ...state }) => [Number(userId), state]));
  }

  async save(tx: Sql, batchId: number, changes: readonly ProfileChange[]): Promise<void> {
    await tx.execute(
      `INSERT INTO profile (person_id, project_id, properties, is_deleted, updated_at, batch_id)
       SELECT person_id, project_id, properties::jsonb, is_deleted, now(), $5
       FROM unnest($1::bigint[], $2::int[], $3::text[], $4::boolean[]) AS changed (person_id, project_id, properties, is_deleted)
       ON CONFLICT (person_id) DO UPDATE SET properties = excluded.properties, is_deleted = excluded.is_deleted,
         updated_at = excluded.updated_at, batch_id = excluded.batch_id`,
      [
        changes.map(({ userId }) => userId),
        changes.map(({ projectId }) => projectId),
        changes.map(({ properties }) => JSON.stringify(properties)),
        changes.map(({ isDeleted }) => isDeleted),
        batchId,
      ],
    );
  }

  /** Who exists is told by the persons of identify: a profile row comes with the first property only. */
  async read(projectId: ProjectId, userIds: readonly UserId[]): Promise<Map<UserId, Profile>> {
    const rows = await this.db.query<{
      userId: string;
      properties: JsonObject | null;
      updatedAt: Date | null;
    }>(
      `SELECT person.id AS "userId", profile.properties, profile.updated_at AS "updatedAt"
       FROM person LEFT JOIN profile ON profile.person_id = person.id AND NOT profile.is_deleted
       WHERE person.id = ANY($1) AND person.project_id = $2 AND person.merged_into IS NULL`,
      [userIds, projectId],
    );
    return new Map(
      rows.map(({ userId, properties, updatedAt }) => [
        Number(userId),
        { userId: Number(userId), properties: properties ?? {}, updatedAt: updatedAt?.getTime() ?? null },
      ]),
    );
  }

  /** Writes the rows that segments read; later batches win. */
  async publish(
    batchId: number,
    changes: readonly ProfileChange[],
    gone: readonly { projectId: ProjectId; userId: UserId }[],
  ): Promise<void> {
    if (changes.length + gone.length === 0) return;
    const rows = new RowWriter();
    const write = (
      row: { projectId: ProjectId; userId: UserId },
      properties: JsonObject,
      isDeleted: 0 | 1,
    ) => {
      rows.uint32(row.projectId);
      rows.int64(row.userId);
      rows.json(properties);
      rows.int64(batchId);
      rows.uint8(isDeleted);
    };
    for (const change of changes) write(change, change.properties, 0);
    for (const absorbed of gone) write(absorbed, {}, 1);
    await this.clickhouse.insertRows(PROFILE_ROWS, rows);
  }

  async pruneBatches(): Promise<void> {
    await this.db.execute(
      `DELETE FROM profile_batch WHERE applied_at < now() - interval '1 day'
         AND NOT EXISTS (SELECT FROM journal_batch WHERE journal_batch.id = profile_batch.batch_id)`,
    );
  }
}
