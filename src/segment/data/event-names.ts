import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import { EVENT_TABLE } from '../../store/contract.js';

/** Which events a project has ever received. */
@Injectable()
export class EventNames {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Those of the names that no event was ever received under, each with the name that looks most like it.
   * The nearest name is null where the project has no events, or too many to look through quickly.
   */
  async findUnknown(projectId: ProjectId, names: readonly string[]): Promise<Map<string, string | null>> {
    const unique = [...new Set(names)];
    const known = await Promise.all(unique.map((name) => this.isKnown(projectId, name)));
    const unknown = unique.filter((_, index) => !known[index]);
    const nearest = await Promise.all(unknown.map((name) => this.findNearest(projectId, name)));
    return new Map(unknown.map((name, index) => [name, nearest[index] ?? null]));
  }

  private async isKnown(projectId: ProjectId, name: string): Promise<boolean> {
    const rows = await this.clickhouse.query(
      `SELECT 1 FROM ${EVENT_TABLE} WHERE project_id = {project:UInt32} AND event = {name:String} LIMIT 1`,
      { project: projectId, name },
    );
    return rows.length > 0;
  }

  private async findNearest(projectId: ProjectId, name: string): Promise<string | null> {
    const rows = await this.clickhouse
      .query<{ event: string }>(
        `SELECT event FROM ${EVENT_TABLE} WHERE project_id = {project:UInt32} GROUP BY event
         ORDER BY damerauLevenshteinDistance(toString(event), {name:String}), event LIMIT 1`,
        { project: projectId, name },
        { timeoutMs: 3_000 },
      )
      // A hint is worth no failure: without it the warning still names the unknown event.
      .catch(() => []);
    return rows[0]?.event ?? null;
  }
}
