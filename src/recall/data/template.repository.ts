import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { TemplateSource } from './template.entity.js';

export interface TemplateRow {
  id: string;
  projectId: ProjectId;
  slug: string;
  channel: string;
  version: number;
  source: TemplateSource;
  createdAt: Date;
  updatedAt: Date;
}

export interface TemplateContent {
  subject: string;
  html: string;
  text: string;
  sample: JsonObject;
}

export interface TemplateVersionRow extends TemplateContent {
  templateId: string;
  version: number;
  createdAt: Date;
  createdBy: string;
}

const ROW = `id, project_id AS "projectId", slug, channel, version, source,
  created_at AS "createdAt", updated_at AS "updatedAt"`;
const VERSION = `template_id AS "templateId", version, subject, html, text, sample,
  created_at AS "createdAt", created_by AS "createdBy"`;

@Injectable()
export class TemplateRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Finds by id or slug. */
  async find(projectId: ProjectId, idOrSlug: string): Promise<TemplateRow | null> {
    const [row] = await this.db.query<TemplateRow>(
      `SELECT ${ROW} FROM template WHERE project_id = $1 AND (id = $2 OR slug = $2)`,
      [projectId, idOrSlug],
    );
    return row ?? null;
  }

  list(projectId: ProjectId, before: string | null, limit: number): Promise<TemplateRow[]> {
    return this.db.query(
      `SELECT ${ROW} FROM template WHERE project_id = $1 AND ($2::text IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [projectId, before, limit],
    );
  }

  async findVersion(templateId: string, version: number): Promise<TemplateVersionRow | null> {
    const [row] = await this.findVersions([{ templateId, version }]);
    return row ?? null;
  }

  findVersions(keys: readonly { templateId: string; version: number }[]): Promise<TemplateVersionRow[]> {
    return this.db.query(
      `SELECT ${VERSION} FROM template_version
       WHERE (template_id, version) IN (SELECT * FROM unnest($1::text[], $2::integer[]))`,
      [keys.map((key) => key.templateId), keys.map((key) => key.version)],
    );
  }

  listVersions(templateId: string): Promise<{ version: number; createdAt: Date; createdBy: string }[]> {
    return this.db.query(
      `SELECT version, created_at AS "createdAt", created_by AS "createdBy" FROM template_version
       WHERE template_id = $1 ORDER BY version DESC LIMIT 500`,
      [templateId],
    );
  }

  /** @returns null where the slug is taken */
  async insert(
    template: { projectId: ProjectId; slug: string; channel: string; source: TemplateSource },
    content: TemplateContent,
    createdBy: string,
  ): Promise<TemplateRow | null> {
    const now = new Date(this.clock.now());
    return this.db.transaction(async (tx) => {
      const [row] = await tx.query<TemplateRow>(
        `INSERT INTO template (id, project_id, slug, channel, version, source, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 1, $5, $6, $6) ON CONFLICT (project_id, slug) DO NOTHING RETURNING ${ROW}`,
        [
          newId('template', now.getTime()),
          template.projectId,
          template.slug,
          template.channel,
          template.source,
          now,
        ],
      );
      if (row)
        await insertVersion(tx, { ...content, templateId: row.id, version: 1, createdAt: now, createdBy });
      return row ?? null;
    });
  }

  /**
   * Writes a version; content equal to the newest one makes none.
   * @param change.source what the template becomes; a file's copy that somebody edited is not renewed by the file
   */
  async addVersion(
    templateId: string,
    content: TemplateContent,
    change: { source: TemplateSource; createdBy: string },
  ): Promise<TemplateRow> {
    const now = new Date(this.clock.now());
    return this.db.transaction(async (tx) => {
      const [row] = await tx.query<TemplateRow>(`SELECT ${ROW} FROM template WHERE id = $1 FOR UPDATE`, [
        templateId,
      ]);
      if (!row) throw new Error(`There is no template ${templateId}.`);
      const wasEdited = change.source === 'file' && row.source === 'api';
      if (wasEdited || (await hasContent(tx, row, content))) return row;
      const version = row.version + 1;
      await insertVersion(tx, {
        ...content,
        templateId,
        version,
        createdAt: now,
        createdBy: change.createdBy,
      });
      await tx.execute('UPDATE template SET version = $2, source = $3, updated_at = $4 WHERE id = $1', [
        templateId,
        version,
        change.source,
        now,
      ]);
      return { ...row, version, source: change.source, updatedAt: now };
    });
  }
}

async function hasContent(tx: Sql, row: TemplateRow, content: TemplateContent): Promise<boolean> {
  const [newest] = await tx.query<{ hash: string }>(
    'SELECT content_hash AS hash FROM template_version WHERE template_id = $1 AND version = $2',
    [row.id, row.version],
  );
  return newest?.hash === hashContent(content);
}

async function insertVersion(tx: Sql, version: TemplateVersionRow): Promise<void> {
  await tx.execute(
    `INSERT INTO template_version
       (template_id, version, subject, html, text, sample, content_hash, created_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      version.templateId,
      version.version,
      version.subject,
      version.html,
      version.text,
      JSON.stringify(version.sample),
      hashContent(version),
      version.createdAt,
      version.createdBy,
    ],
  );
}

function hashContent({ subject, html, text, sample }: TemplateContent): string {
  return createHash('sha256')
    .update(JSON.stringify([subject, html, text, sample]))
    .digest('hex');
}
