import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { IdentityRules } from '../core/identity-rules.js';

export interface IdentityProjectRow {
  projectId: ProjectId;
  /** Null: the default rules. */
  rules: IdentityRules | null;
  loginKeys: string[];
  /** Another number after each change. */
  revision: number;
}

/** Login keys of the apps' own that a project may have; a key beyond them is no login. */
const MAX_LOGIN_KEYS = 20;
const KEPT_DAYS = 90;

/** The rules of projects, and the logs of what they refused. */
@Injectable()
export class IdentityProjectRepository {
  constructor(private readonly db: Database) {}

  /** A project whose rules nobody touched is absent. */
  find(projectIds: readonly ProjectId[]): Promise<IdentityProjectRow[]> {
    return this.db.query(
      `SELECT project_id AS "projectId", rules, login_keys AS "loginKeys", revision
       FROM identity_project WHERE project_id = ANY($1)`,
      [projectIds],
    );
  }

  async saveRules(projectId: ProjectId, rules: IdentityRules): Promise<void> {
    await this.db.execute(
      `INSERT INTO identity_project AS known (project_id, rules, revision) VALUES ($1, $2::jsonb, 1)
       ON CONFLICT (project_id) DO UPDATE SET rules = excluded.rules, revision = known.revision + 1`,
      [projectId, JSON.stringify(rules)],
    );
  }

  async addLoginKeys(projectId: ProjectId, keys: readonly string[]): Promise<void> {
    await this.db.execute(
      `INSERT INTO identity_project AS known (project_id, login_keys, revision) VALUES ($1, ($2::text[])[1:${MAX_LOGIN_KEYS}], 1)
       ON CONFLICT (project_id) DO UPDATE SET revision = known.revision + 1, login_keys = (
         known.login_keys || ARRAY(SELECT key FROM unnest($2::text[]) AS key WHERE key <> ALL (known.login_keys))
       )[1:${MAX_LOGIN_KEYS}]
       WHERE cardinality(known.login_keys) < ${MAX_LOGIN_KEYS}`,
      [projectId, keys],
    );
  }

  async pruneLogs(): Promise<void> {
    await this.db.execute(
      `DELETE FROM identity_unbind WHERE at < now() - make_interval(days => ${KEPT_DAYS})`,
    );
    await this.db.execute(
      `DELETE FROM identity_refusal WHERE last_at < now() - make_interval(days => ${KEPT_DAYS})`,
    );
  }
}
