import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';

export interface AdLink {
  id: string;
  projectId: ProjectId;
  code: string;
  network: string;
  name: string;
  app: string | null;
  os: 'android' | 'ios' | null;
  utm: Record<string, string>;
  landingUrl: string | null;
  windowDays: number;
  createdAt: Date;
  expiresAt: Date | null;
  isDisabled: boolean;
}

const COLUMNS = `id, project_id AS "projectId", code, network, name, app, os, utm, landing_url AS "landingUrl",
  window_days AS "windowDays", created_at AS "createdAt", expires_at AS "expiresAt", is_disabled AS "isDisabled"`;

@Injectable()
export class AdLinkRepository {
  constructor(private readonly db: Database) {}

  async insert(link: AdLink): Promise<void> {
    await this.db.execute(
      `INSERT INTO ad_link (id, project_id, code, network, name, app, os, utm, landing_url, window_days,
         created_at, expires_at, is_disabled)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [link.id, link.projectId, link.code, link.network, ...changeable(link, link.createdAt)],
    );
  }

  /** Replaces what may change: everything but code and network, which the network's link names. */
  async update(link: AdLink): Promise<void> {
    await this.db.execute(
      `UPDATE ad_link SET name = $3, app = $4, os = $5, utm = $6, landing_url = $7, window_days = $8,
         created_at = $9, expires_at = $10, is_disabled = $11
       WHERE project_id = $1 AND id = $2`,
      [link.projectId, link.id, ...changeable(link, link.createdAt)],
    );
  }

  async findByCode(code: string): Promise<AdLink | null> {
    const [row] = await this.db.query<AdLink>(`SELECT ${COLUMNS} FROM ad_link WHERE code = $1`, [code]);
    return row ?? null;
  }

  async find(projectId: ProjectId, id: string): Promise<AdLink | null> {
    const [row] = await this.db.query<AdLink>(
      `SELECT ${COLUMNS} FROM ad_link WHERE project_id = $1 AND id = $2`,
      [projectId, id],
    );
    return row ?? null;
  }

  /** Newest first, behind the id `before`. */
  list(projectId: ProjectId, before: string | null, limit: number): Promise<AdLink[]> {
    return this.db.query<AdLink>(
      `SELECT ${COLUMNS} FROM ad_link WHERE project_id = $1 AND ($2::text IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [projectId, before, limit],
    );
  }

  /** Deletes a link that has no clicks. @returns whether it is gone */
  async deleteUnused(projectId: ProjectId, id: string): Promise<boolean> {
    const deleted = await this.db.execute(
      `DELETE FROM ad_link WHERE project_id = $1 AND id = $2
         AND NOT EXISTS (SELECT 1 FROM ad_click WHERE ad_click.ad_link_id = ad_link.id)`,
      [projectId, id],
    );
    return deleted === 1;
  }
}

function changeable(link: AdLink, createdAt: Date): unknown[] {
  const { name, app, os, utm, landingUrl, windowDays, expiresAt, isDisabled } = link;
  return [name, app, os, JSON.stringify(utm), landingUrl, windowDays, createdAt, expiresAt, isDisabled];
}
