import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import { Database } from '../../platform/db/database.js';
import type { Profile } from '../../store/contract.js';

interface Identity {
  key: string;
  value: string;
}

interface ProfileRow {
  userId: string;
  properties: JsonObject | null;
  updatedAt: Date | null;
}

const PROFILE = 'person.id AS "userId", profile.properties, profile.updated_at AS "updatedAt"';
const OF_PERSON = 'LEFT JOIN profile ON profile.person_id = person.id AND NOT profile.is_deleted';

const BY_IDENTITY = `
  SELECT ${PROFILE}
  FROM person_identity AS identity
  JOIN person ON person.id = identity.person_id AND person.project_id = $1 AND person.merged_into IS NULL
  ${OF_PERSON}
  WHERE identity.project_id = $1 AND identity.key = $2 AND identity.value = $3`;

const BY_ID = `
  SELECT ${PROFILE},
    (SELECT json_agg(json_build_object('key', own.key, 'value', own.value) ORDER BY own.created_at, own.key, own.value)
     FROM person_identity AS own WHERE own.person_id = person.id) AS identities
  FROM person AS asked
  JOIN person ON person.id = coalesce(asked.merged_into, asked.id)
    AND person.project_id = $1 AND person.merged_into IS NULL
  ${OF_PERSON}
  WHERE asked.id = $2 AND asked.project_id = $1`;

/** One person with everything that is shown of them, in one look-up. */
@Injectable()
export class UserRepository {
  constructor(private readonly db: Database) {}

  async findByIdentity(projectId: ProjectId, { key, value }: Identity): Promise<Profile | null> {
    const [row] = await this.db.queryPrepared<ProfileRow>(BY_IDENTITY, [projectId, key, value]);
    return row ? toProfile(row) : null;
  }

  /** The person who has the id, or into whom that one was merged; identities in the order in which they came. */
  async findById(
    projectId: ProjectId,
    userId: UserId,
  ): Promise<{ profile: Profile; identities: Identity[] } | null> {
    const [row] = await this.db.queryPrepared<ProfileRow & { identities: Identity[] | null }>(BY_ID, [
      projectId,
      userId,
    ]);
    return row ? { profile: toProfile(row), identities: row.identities ?? [] } : null;
  }
}

function toProfile({ userId, properties, updatedAt }: ProfileRow): Profile {
  return {
    userId: Number(userId),
    properties: properties ?? {},
    updatedAt: updatedAt?.getTime() ?? null,
  };
}
