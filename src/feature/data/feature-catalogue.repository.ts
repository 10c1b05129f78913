import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { FeatureDefinition } from '../core/feature.js';
import { FEATURE_SETTINGS, type FeatureSettings } from '../core/feature-settings.js';

/** A feature that a project defined itself. It never changes: another meaning is another name. */
export interface OwnFeature {
  name: string;
  description: string;
  definition: FeatureDefinition;
}

const COLUMNS = 'name, description, definition';

/** Features and settings of projects. */
@Injectable()
export class FeatureCatalogueRepository {
  constructor(private readonly db: Database) {}

  async settings(projectId: ProjectId): Promise<FeatureSettings> {
    const [row] = await this.db.query<{ settings: unknown }>(
      'SELECT settings FROM feature_setting WHERE project_id = $1',
      [projectId],
    );
    return FEATURE_SETTINGS.parse(row?.settings ?? {});
  }

  async setSettings(projectId: ProjectId, settings: FeatureSettings, now: Date): Promise<void> {
    await this.db.execute(
      `INSERT INTO feature_setting (project_id, settings, updated_at) VALUES ($1, $2, $3)
       ON CONFLICT (project_id) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at`,
      [projectId, JSON.stringify(settings), now],
    );
  }

  listOwn(projectId: ProjectId): Promise<OwnFeature[]> {
    return this.db.query(`SELECT ${COLUMNS} FROM feature_definition WHERE project_id = $1 ORDER BY name`, [
      projectId,
    ]);
  }

  /** @returns false where the project has a feature of that name */
  async insertOwn(projectId: ProjectId, feature: OwnFeature, now: Date): Promise<boolean> {
    const inserted = await this.db.execute(
      `INSERT INTO feature_definition (project_id, name, description, definition, created_at)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [projectId, feature.name, feature.description, JSON.stringify(feature.definition), now],
    );
    return inserted === 1;
  }

  async deleteOwn(projectId: ProjectId, name: string): Promise<boolean> {
    const deleted = await this.db.execute(
      'DELETE FROM feature_definition WHERE project_id = $1 AND name = $2',
      [projectId, name],
    );
    return deleted === 1;
  }
}
