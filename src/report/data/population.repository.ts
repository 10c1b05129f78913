import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';

/** The persons of a project. */
@Injectable()
export class PopulationRepository {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** Newest first, behind the person `before`. */
  async list(projectId: ProjectId, before: UserId | null, limit: number): Promise<UserId[]> {
    const rows = await this.clickhouse.query<{ userId: number }>(
      `SELECT user_id AS userId FROM profile FINAL
       WHERE project_id = {project:UInt32} AND ({before:UInt64} = 0 OR user_id < {before:UInt64})
       ORDER BY user_id DESC LIMIT {limit:UInt32}`,
      { project: projectId, before: before ?? 0, limit },
    );
    return rows.map(({ userId }) => Number(userId));
  }
}
