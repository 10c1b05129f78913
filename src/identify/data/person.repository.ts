import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import { RowWriter } from '../../platform/clickhouse/row-writer.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { Merge } from '../contract.js';
import type { GraphChange, IdentityRef } from '../core/identity-graph.js';
import { PersonDictionary } from './person-dictionary.js';

export interface OwnedIdentity extends IdentityRef {
  userId: UserId;
  hasLogin: boolean;
}

@Injectable()
export class PersonRepository {
  constructor(
    private readonly db: Database,
    private readonly clickhouse: ClickHouse,
    private readonly dictionary: PersonDictionary,
  ) {}

  async findOwners(identities: readonly IdentityRef[]): Promise<OwnedIdentity[]> {
    if (identities.length === 0) return [];
    const rows = await this.db.query<OwnedIdentity & { userId: string }>(
      `SELECT identity.project_id AS "projectId", identity.key, identity.value, coalesce(person.merged_into, person.id) AS "userId", person.has_login AS "hasLogin"
       FROM unnest($1::int[], $2::text[], $3::text[]) AS asked (project_id, key, value)
       JOIN person_identity AS identity USING (project_id, key, value)
       JOIN person ON person.id = identity.person_id`,
      [
        identities.map(({ projectId }) => projectId),
        identities.map(({ key }) => key),
        identities.map(({ value }) => value),
      ],
    );
    return rows.map((row) => ({ ...row, userId: Number(row.userId) }));
  }

  async reserveUserIds(count: number): Promise<UserId[]> {
    const rows = await this.db.query<{ id: string }>(
      `SELECT nextval('person_seq') AS id FROM generate_series(1, $1)`,
      [count],
    );
    return rows.map(({ id }) => Number(id));
  }

  /** Which of these persons were merged, and into whom. */
  async findMerged(userIds: readonly UserId[]): Promise<Map<UserId, UserId>> {
    if (userIds.length === 0) return new Map();
    const rows = await this.db.query<{ id: string; into: string }>(
      'SELECT id, merged_into AS into FROM person WHERE id = ANY($1) AND merged_into IS NOT NULL',
      [userIds],
    );
    return new Map(rows.map((row) => [Number(row.id), Number(row.into)]));
  }

  async identitiesOf(userId: UserId): Promise<{ key: string; value: string }[]> {
    return this.db.query(
      'SELECT key, value FROM person_identity WHERE person_id = $1 ORDER BY created_at, key, value',
      [userId],
    );
  }

  async save(batchId: number, change: GraphChange): Promise<void> {
    await this.db.transaction(async (tx) => {
      await insertPersons(tx, batchId, change);
      await insertIdentities(tx, change);
      await markLoggedIn(tx, change.loggedIn);
      for (const { projectId, key, value } of change.removed) {
        await tx.execute('DELETE FROM person_identity WHERE project_id = $1 AND key = $2 AND value = $3', [
          projectId,
          key,
          value,
        ]);
      }
      // One after the other: a person absorbed early may belong to one that is absorbed later.
      for (const merge of change.merged) await saveMerge(tx, batchId, merge);
    });
  }

  async mergesOfBatch(batchId: number): Promise<Merge[]> {
    const rows = await this.db.query<{ projectId: ProjectId; from: string; into: string }>(
      'SELECT project_id AS "projectId", from_person_id AS "from", into_person_id AS "into" FROM person_merge WHERE batch_id = $1 ORDER BY id',
      [batchId],
    );
    return rows.map(({ projectId, from, into }) => ({ projectId, from: Number(from), into: Number(into) }));
  }

  async personsOfBatch(batchId: number): Promise<{ projectId: ProjectId; userId: UserId }[]> {
    const rows = await this.db.query<{ projectId: ProjectId; id: string }>(
      'SELECT project_id AS "projectId", id FROM person WHERE created_batch_id = $1',
      [batchId],
    );
    return rows.map(({ projectId, id }) => ({ projectId, userId: Number(id) }));
  }

  /** Tells ClickHouse who the persons are that were merged into these, directly or before. */
  async publishAliases(batchId: number, into: readonly UserId[]): Promise<void> {
    const rows = await this.db.query<{ id: string; into: string }>(
      'SELECT id, merged_into AS into FROM person WHERE merged_into = ANY($1)',
      [into],
    );
    if (rows.length === 0) return;
    const writer = new RowWriter();
    for (const row of rows) {
      writer.int64(Number(row.id));
      writer.int64(Number(row.into));
      writer.int64(batchId);
    }
    await this.clickhouse.insertRows('person_alias (person_id, canonical, version)', writer);
    this.dictionary.refresh();
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

async function insertIdentities(tx: Sql, { assigned }: GraphChange): Promise<void> {
  if (assigned.length === 0) return;
  await tx.execute(
    `INSERT INTO person_identity (project_id, key, value, person_id)
     SELECT DISTINCT ON (project_id, key, value) * FROM unnest($1::int[], $2::text[], $3::text[], $4::bigint[]) AS given (project_id, key, value, person_id)
     ON CONFLICT (project_id, key, value) DO NOTHING`,
    [
      assigned.map(({ identity }) => identity.projectId),
      assigned.map(({ identity }) => identity.key),
      assigned.map(({ identity }) => identity.value),
      assigned.map(({ userId }) => userId),
    ],
  );
}

async function markLoggedIn(tx: Sql, userIds: readonly UserId[]): Promise<void> {
  if (userIds.length === 0) return;
  await tx.execute('UPDATE person SET has_login = true WHERE id = ANY($1)', [userIds]);
}

async function saveMerge(tx: Sql, batchId: number, merge: GraphChange['merged'][number]): Promise<void> {
  await tx.execute('UPDATE person_identity SET person_id = $2 WHERE person_id = $1', [
    merge.from,
    merge.into,
  ]);
  await tx.execute(
    'UPDATE person SET merged_into = $2, merged_at = now() WHERE id = $1 OR merged_into = $1',
    [merge.from, merge.into],
  );
  await tx.execute(
    'INSERT INTO person_merge (project_id, from_person_id, into_person_id, batch_id, event_id) VALUES ($1, $2, $3, $4, $5)',
    [merge.projectId, merge.from, merge.into, batchId, merge.eventId],
  );
}
