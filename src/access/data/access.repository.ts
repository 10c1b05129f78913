import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import type { Json } from '../../kernel/json.js';
import { Database } from '../../platform/db/database.js';
import type { Scope } from '../../platform/http-server/access.js';
import type { ProjectRef } from '../contract.js';

export interface ApiKeyRow {
  id: string;
  projectId: ProjectId | null;
  name: string;
  scopes: Scope[];
  createdAt: Date;
  revokedAt: Date | null;
}

export interface CollectRuleRow {
  allowedOrigins: string[];
  bodyLimitBytes: number | null;
  lateDays: number | null;
  futureMinutes: number | null;
}

export interface AuditEntry {
  id: string;
  projectId: ProjectId | null;
  keyId: string;
  at: Date;
  method: string;
  path: string;
  status: number;
  request: Json;
  requestId: string;
}

const PROJECT = 'id, slug, name, time_zone AS "timeZone"';
const KEY =
  'id, project_id AS "projectId", name, scopes, created_at AS "createdAt", revoked_at AS "revokedAt"';

@Injectable()
export class AccessRepository {
  constructor(private readonly db: Database) {}

  listProjects(): Promise<ProjectRef[]> {
    return this.db.query(`SELECT ${PROJECT} FROM project ORDER BY id`);
  }

  /** @returns null where the slug is taken */
  async insertProject(project: Omit<ProjectRef, 'id'>): Promise<ProjectRef | null> {
    const rows = await this.db.query<ProjectRef>(
      `INSERT INTO project (slug, name, time_zone) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING RETURNING ${PROJECT}`,
      [project.slug, project.name, project.timeZone],
    );
    return rows[0] ?? null;
  }

  async updateProject(
    id: ProjectId,
    change: { name?: string | undefined; timeZone?: string | undefined },
  ): Promise<ProjectRef> {
    const [row] = await this.db.query<ProjectRef>(
      `UPDATE project SET name = coalesce($2, name), time_zone = coalesce($3, time_zone) WHERE id = $1 RETURNING ${PROJECT}`,
      [id, change.name ?? null, change.timeZone ?? null],
    );
    if (!row) throw new Error(`Project ${id} vanished.`);
    return row;
  }

  async findKey(keyHash: string): Promise<ApiKeyRow | null> {
    const rows = await this.db.query<ApiKeyRow>(
      `SELECT ${KEY} FROM api_key WHERE key_hash = $1 AND revoked_at IS NULL`,
      [keyHash],
    );
    return rows[0] ?? null;
  }

  /** @returns false where that very key exists already */
  async insertKey(key: {
    id: string;
    projectId: ProjectId | null;
    name: string;
    scopes: readonly Scope[];
    keyHash: string;
  }): Promise<boolean> {
    const changed = await this.db.execute(
      'INSERT INTO api_key (id, project_id, name, scopes, key_hash) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
      [key.id, key.projectId, key.name, key.scopes, key.keyHash],
    );
    return changed === 1;
  }

  listKeys(projectId: ProjectId | null): Promise<ApiKeyRow[]> {
    return this.db.query(
      `SELECT ${KEY} FROM api_key WHERE project_id IS NOT DISTINCT FROM $1 ORDER BY id DESC LIMIT 1000`,
      [projectId],
    );
  }

  async revokeKey(projectId: ProjectId | null, id: string): Promise<boolean> {
    const changed = await this.db.execute(
      'UPDATE api_key SET revoked_at = now() WHERE id = $1 AND project_id IS NOT DISTINCT FROM $2 AND revoked_at IS NULL',
      [id, projectId],
    );
    return changed === 1;
  }

  async hasInstallationKey(): Promise<boolean> {
    const rows = await this.db.query(
      'SELECT 1 FROM api_key WHERE project_id IS NULL AND revoked_at IS NULL LIMIT 1',
    );
    return rows.length > 0;
  }

  async collectTokens(): Promise<{ projectId: ProjectId; tokenHash: string }[]> {
    return this.db.query('SELECT project_id AS "projectId", token_hash AS "tokenHash" FROM collect_token');
  }

  async insertCollectToken(projectId: ProjectId, name: string, tokenHash: string): Promise<void> {
    await this.db.execute('INSERT INTO collect_token (project_id, name, token_hash) VALUES ($1, $2, $3)', [
      projectId,
      name,
      tokenHash,
    ]);
  }

  listCollectTokens(projectId: ProjectId): Promise<{ name: string; createdAt: Date }[]> {
    return this.db.query(
      'SELECT name, created_at AS "createdAt" FROM collect_token WHERE project_id = $1 ORDER BY created_at, token_hash LIMIT 1000',
      [projectId],
    );
  }

  collectRules(): Promise<(CollectRuleRow & { projectId: ProjectId })[]> {
    return this.db.query(
      `SELECT project_id AS "projectId", allowed_origins AS "allowedOrigins", body_limit_bytes AS "bodyLimitBytes",
              late_days AS "lateDays", future_minutes AS "futureMinutes"
         FROM collect_rule`,
    );
  }

  async saveCollectRules(projectId: ProjectId, rules: CollectRuleRow): Promise<void> {
    await this.db.execute(
      `INSERT INTO collect_rule (project_id, allowed_origins, body_limit_bytes, late_days, future_minutes)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (project_id) DO UPDATE
         SET allowed_origins = excluded.allowed_origins, body_limit_bytes = excluded.body_limit_bytes,
             late_days = excluded.late_days, future_minutes = excluded.future_minutes, updated_at = now()`,
      [projectId, rules.allowedOrigins, rules.bodyLimitBytes, rules.lateDays, rules.futureMinutes],
    );
  }

  async deleteCollectTokens(projectId: ProjectId, name: string): Promise<number> {
    return this.db.execute('DELETE FROM collect_token WHERE project_id = $1 AND name = $2', [
      projectId,
      name,
    ]);
  }

  async insertAudit(entry: AuditEntry): Promise<void> {
    await this.db.execute(
      `INSERT INTO audit_log (id, project_id, key_id, at, method, path, status, request, request_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        entry.id,
        entry.projectId,
        entry.keyId,
        entry.at,
        entry.method,
        entry.path,
        entry.status,
        JSON.stringify(entry.request),
        entry.requestId,
      ],
    );
  }

  listAudit(projectId: ProjectId, before: string | null, limit: number): Promise<AuditEntry[]> {
    return this.db.query(
      `SELECT id, project_id AS "projectId", key_id AS "keyId", at, method, path, status, request, request_id AS "requestId"
       FROM audit_log WHERE project_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [projectId, before, limit],
    );
  }
}
