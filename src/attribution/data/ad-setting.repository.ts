import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { isJsonObject, type JsonObject } from '../../kernel/json.js';
import { Database } from '../../platform/db/database.js';
import { Secrets } from '../../platform/secrets/secrets.js';
import { type AdEventMapping, DEFAULT_AD_EVENT_MAPPING } from '../core/ad-event.js';

const PURPOSE = 'ad-network-settings';

/** Settings of networks, encrypted at rest, and what counts as which conversion. */
@Injectable()
export class AdSettingRepository {
  constructor(
    private readonly db: Database,
    private readonly secrets: Secrets,
  ) {}

  /** What a project set for a network; empty where it set nothing. */
  async networkSettings(projectId: ProjectId, network: string): Promise<JsonObject> {
    const [row] = await this.db.query<{ sealed: string }>(
      'SELECT sealed_settings AS sealed FROM ad_network_setting WHERE project_id = $1 AND network = $2',
      [projectId, network],
    );
    const settings: unknown = row ? JSON.parse(this.secrets.decrypt(PURPOSE, row.sealed)) : {};
    return isJsonObject(settings) ? settings : {};
  }

  async saveNetworkSettings(
    projectId: ProjectId,
    network: string,
    kept: { settings: JsonObject; now: number },
  ): Promise<void> {
    await this.db.execute(
      `INSERT INTO ad_network_setting (project_id, network, sealed_settings, updated_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (project_id, network)
         DO UPDATE SET sealed_settings = excluded.sealed_settings, updated_at = excluded.updated_at`,
      [projectId, network, this.secrets.encrypt(PURPOSE, JSON.stringify(kept.settings)), new Date(kept.now)],
    );
  }

  /** The mappings of projects that set one; the others use the default. */
  async eventMappings(projectIds: readonly ProjectId[]): Promise<Map<ProjectId, AdEventMapping>> {
    const rows = await this.db.query<{ projectId: number; mapping: Partial<AdEventMapping> }>(
      'SELECT project_id AS "projectId", mapping FROM ad_event_mapping WHERE project_id = ANY($1::integer[])',
      [projectIds],
    );
    return new Map(rows.map((row) => [row.projectId, { ...DEFAULT_AD_EVENT_MAPPING, ...row.mapping }]));
  }

  async saveEventMapping(projectId: ProjectId, mapping: AdEventMapping, now: number): Promise<void> {
    await this.db.execute(
      `INSERT INTO ad_event_mapping (project_id, mapping, updated_at) VALUES ($1, $2, $3)
       ON CONFLICT (project_id) DO UPDATE SET mapping = excluded.mapping, updated_at = excluded.updated_at`,
      [projectId, JSON.stringify(mapping), new Date(now)],
    );
  }
}
