import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { RemoteConfig } from '../core/remote-config.js';

export interface StoredRemoteConfig extends RemoteConfig {
  updatedAt: Date;
}

@Injectable()
export class RemoteConfigRepository {
  constructor(private readonly db: Database) {}

  async find(projectId: ProjectId): Promise<StoredRemoteConfig | null> {
    const [row] = await this.db.query<StoredRemoteConfig>(
      'SELECT configs, encryption, updated_at AS "updatedAt" FROM remote_config WHERE project_id = $1',
      [projectId],
    );
    return row ?? null;
  }

  async save(projectId: ProjectId, { configs, encryption }: RemoteConfig, at: Date): Promise<void> {
    await this.db.execute(
      `INSERT INTO remote_config (project_id, configs, encryption, updated_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT ON CONSTRAINT remote_config_pk DO UPDATE
       SET configs = excluded.configs, encryption = excluded.encryption, updated_at = excluded.updated_at`,
      [projectId, JSON.stringify(configs), encryption, at],
    );
  }

  async remove(projectId: ProjectId): Promise<boolean> {
    return (await this.db.execute('DELETE FROM remote_config WHERE project_id = $1', [projectId])) === 1;
  }
}
