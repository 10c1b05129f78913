import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import { toTimestamp } from './to-records.js';

@Injectable()
export class ChannelSettingRepository {
  constructor(private readonly db: Database) {}

  async find(projectId: ProjectId, channel: string): Promise<{ settings: string; updatedAt: Date } | null> {
    const [row] = await this.db.query<{ settings: string; updatedAt: Date }>(
      `SELECT settings, updated_at AS "updatedAt" FROM channel_setting WHERE project_id = $1 AND channel = $2`,
      [projectId, channel],
    );
    return row ?? null;
  }

  async save(
    setting: { projectId: ProjectId; channel: string; settings: string },
    now: number,
  ): Promise<void> {
    await this.db.execute(
      `INSERT INTO channel_setting (project_id, channel, settings, updated_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT ON CONSTRAINT channel_setting_pk DO UPDATE
       SET settings = excluded.settings, updated_at = excluded.updated_at`,
      [setting.projectId, setting.channel, setting.settings, toTimestamp(now)],
    );
  }

  async remove(projectId: ProjectId, channel: string): Promise<boolean> {
    const count = await this.db.execute(
      'DELETE FROM channel_setting WHERE project_id = $1 AND channel = $2',
      [projectId, channel],
    );
    return count > 0;
  }
}
