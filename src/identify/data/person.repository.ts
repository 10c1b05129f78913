import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { IdentityRef } from '../core/identities-of-record.js';
import { keySet } from '../core/key-set.js';
import type { PersonFacts } from '../core/merge-identity.js';

/** An identity that somebody has, with what decides about its owner. */
export interface OwnedIdentity {
  projectId: ProjectId;
  key: string;
  value: string;
  userId: UserId;
  /** How many other users claimed it in vain. */
  claims: number;
  facts: PersonFacts;
}

/** A person of a project, merges followed. */
export interface FoundPerson {
  askedId: UserId;
  userId: UserId;
  facts: PersonFacts;
}

interface FactsRow {
  userId: string;
  absorbed: number;
  splitFrom: string[] | null;
  uniqueKeys: string[];
}

/** From whom nearly everyone was split: one set for the many persons in memory. */
const NOBODY: ReadonlySet<UserId> = new Set();
/** Columns of `person` and of its identities under the unique keys that are bound as $1. */
const FACTS = `person.id AS "userId", person.absorbed, person.split_from AS "splitFrom",
  ARRAY(SELECT own.key FROM person_identity AS own WHERE own.person_id = person.id AND own.key = ANY($1)) AS "uniqueKeys"`;

/** Reads persons and their identities. */
@Injectable()
export class PersonRepository {
  constructor(private readonly db: Database) {}

  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    return this.db.transaction(work);
  }

  /** @param uniqueKeys keys of which a person has one value at most */
  async findOwners(
    identities: readonly Pick<IdentityRef, 'projectId' | 'key' | 'value'>[],
    uniqueKeys: readonly string[],
    sql: Sql = this.db,
  ): Promise<OwnedIdentity[]> {
    if (identities.length === 0) return [];
    const rows = await sql.query<Omit<OwnedIdentity, 'userId' | 'facts'> & FactsRow>(
      `SELECT identity.project_id AS "projectId", identity.key, identity.value, identity.claims, ${FACTS}
       FROM unnest($2::int[], $3::text[], $4::text[]) AS asked (project_id, key, value)
       JOIN person_identity AS identity USING (project_id, key, value)
       JOIN person ON person.id = identity.person_id`,
      [
        uniqueKeys,
        identities.map(({ projectId }) => projectId),
        identities.map(({ key }) => key),
        identities.map(({ value }) => value),
      ],
    );
    return rows.map(({ projectId, key, value, claims, ...row }) => ({
      projectId,
      key,
      value,
      claims,
      userId: Number(row.userId),
      facts: toFacts(row),
    }));
  }

  /** The person who has each identity; null where nobody has. */
  async findOwnersOf(
    projectId: ProjectId,
    identities: readonly { key: string; value: string }[],
  ): Promise<(UserId | null)[]> {
    if (identities.length === 0) return [];
    const rows = await this.db.query<{ userId: string | null }>(
      `SELECT identity.person_id AS "userId"
       FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS asked (key, value, position)
       LEFT JOIN person_identity AS identity
         ON identity.project_id = $1 AND identity.key = asked.key AND identity.value = asked.value
       ORDER BY asked.position`,
      [projectId, identities.map(({ key }) => key), identities.map(({ value }) => value)],
    );
    return rows.map(({ userId }) => (userId === null ? null : Number(userId)));
  }

  /** The person that each user is now, or was merged into; null where the project has no such person. */
  async findAllCurrent(projectId: ProjectId, userIds: readonly UserId[]): Promise<(UserId | null)[]> {
    if (userIds.length === 0) return [];
    const rows = await this.db.query<{ userId: string | null }>(
      `SELECT coalesce(person.merged_into, person.id) AS "userId"
       FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (id, position)
       LEFT JOIN person ON person.id = asked.id AND person.project_id = $1
       ORDER BY asked.position`,
      [projectId, userIds],
    );
    return rows.map(({ userId }) => (userId === null ? null : Number(userId)));
  }

  /** Persons of the project, merges followed; those whom it does not have are absent. */
  async findPersons(
    projectId: ProjectId,
    userIds: readonly UserId[],
    uniqueKeys: readonly string[],
    sql: Sql = this.db,
  ): Promise<FoundPerson[]> {
    const rows = await sql.query<FactsRow & { askedId: string }>(
      `SELECT asked.id AS "askedId", ${FACTS}
       FROM person AS asked JOIN person ON person.id = coalesce(asked.merged_into, asked.id)
       WHERE asked.id = ANY($2) AND asked.project_id = $3`,
      [uniqueKeys, userIds, projectId],
    );
    return rows.map((row) => ({
      askedId: Number(row.askedId),
      userId: Number(row.userId),
      facts: toFacts(row),
    }));
  }

  /** The person whom one was merged into, or itself; null where the project has no such person. */
  async findCurrent(projectId: ProjectId, userId: UserId): Promise<UserId | null> {
    const [row] = await this.db.query<{ id: string }>(
      'SELECT coalesce(merged_into, id) AS id FROM person WHERE id = $1 AND project_id = $2',
      [userId, projectId],
    );
    return row ? Number(row.id) : null;
  }

  async reserveUserIds(count: number): Promise<UserId[]> {
    if (count === 0) return [];
    const rows = await this.db.query<{ id: string }>(
      `SELECT nextval('person_seq') AS id FROM generate_series(1, $1)`,
      [count],
    );
    return rows.map(({ id }) => Number(id));
  }

  /** Which of these persons were merged, and into whom. */
  async findMerged(userIds: readonly UserId[], sql: Sql = this.db): Promise<Map<UserId, UserId>> {
    if (userIds.length === 0) return new Map();
    const rows = await sql.query<{ id: string; into: string }>(
      'SELECT id, merged_into AS into FROM person WHERE id = ANY($1) AND merged_into IS NOT NULL',
      [userIds],
    );
    return new Map(rows.map((row) => [Number(row.id), Number(row.into)]));
  }

  /** Which of these unbinds were done before. */
  async findUnbound(
    unbinds: readonly { projectId: ProjectId; eventId: string }[],
    sql: Sql = this.db,
  ): Promise<Set<string>> {
    if (unbinds.length === 0) return new Set();
    const rows = await sql.query<{ eventId: string }>(
      `SELECT event_id AS "eventId" FROM unnest($1::int[], $2::text[]) AS asked (project_id, event_id)
       JOIN identity_unbind USING (project_id, event_id)`,
      [unbinds.map(({ projectId }) => projectId), unbinds.map(({ eventId }) => eventId)],
    );
    return new Set(rows.map(({ eventId }) => eventId));
  }

  identitiesOf(userId: UserId): Promise<{ key: string; value: string }[]> {
    return this.db.query(
      'SELECT key, value FROM person_identity WHERE person_id = $1 ORDER BY created_at, key, value',
      [userId],
    );
  }
}

function toFacts({ absorbed, splitFrom, uniqueKeys }: FactsRow): PersonFacts {
  return {
    absorbed,
    uniqueKeys: keySet(uniqueKeys),
    splitFrom: splitFrom === null ? NOBODY : new Set(splitFrom.map(Number)),
  };
}
