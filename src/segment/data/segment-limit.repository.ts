import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { ProjectLimits } from '../core/forecast.js';

/** What the runs of a project may take, where it is less than the installation allows. */
@Injectable()
export class SegmentLimitRepository {
  constructor(private readonly db: Database) {}

  async find(projectId: ProjectId): Promise<ProjectLimits> {
    const [row] = await this.db.query<{ maxRows: string | null; maxMembers: string | null }>(
      'SELECT max_rows AS "maxRows", max_members AS "maxMembers" FROM segment_limit WHERE project_id = $1',
      [projectId],
    );
    const toLimit = (limit: string | null | undefined) => (limit == null ? null : Number(limit));
    return { maxRows: toLimit(row?.maxRows), maxMembers: toLimit(row?.maxMembers) };
  }

  async save(projectId: ProjectId, { maxRows, maxMembers }: ProjectLimits, nowMs: number): Promise<void> {
    await this.db.execute(
      `INSERT INTO segment_limit (project_id, max_rows, max_members, updated_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (project_id) DO UPDATE
         SET max_rows = excluded.max_rows, max_members = excluded.max_members, updated_at = excluded.updated_at`,
      [projectId, maxRows, maxMembers, new Date(nowMs)],
    );
  }
}
