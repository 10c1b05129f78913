import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { ClickHouse, type QueryParams } from '../../platform/clickhouse/clickhouse.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import { ANY_EVENT } from '../core/condition.js';
import type { NamedProperty } from '../core/property-pointers.js';

/** A hint has to come fast or not at all. */
const LIMITS = { timeoutMs: 3_000, maxRowsToRead: 50_000_000 };
/** Rows out of which the names of properties are read for a hint. */
const SAMPLE_ROWS = 2_000;
/** A definition may name very many: the first ones are looked up. */
const MAX_LOOKED_UP = 20;

/** Which properties a project's events and profiles have. */
@Injectable()
export class PropertyNames {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * Those of the properties that nothing has, each with the name that looks most like it, or null.
   * What cannot be found out fast counts as known.
   */
  async findUnknown(
    projectId: ProjectId,
    named: readonly NamedProperty[],
  ): Promise<(NamedProperty & { nearest: string | null })[]> {
    const unknown: (NamedProperty & { nearest: string | null })[] = [];
    for (const each of named.slice(0, MAX_LOOKED_UP)) {
      const nearest = await this.lookUp(projectId, each).catch(() => undefined);
      if (nearest !== undefined) unknown.push({ ...each, nearest });
    }
    return unknown;
  }

  /** @returns undefined where the property is known */
  private async lookUp(
    projectId: ProjectId,
    { property, event }: NamedProperty,
  ): Promise<string | null | undefined> {
    const isAny = event === null || event === ANY_EVENT;
    const rows = `FROM ${event === null ? PROFILE_TABLE : EVENT_TABLE} WHERE project_id = {project:UInt32}${isAny ? '' : ' AND event = {event:String}'}`;
    const params: QueryParams = { project: projectId, name: property, ...(isAny ? {} : { event }) };
    const found = await this.clickhouse.query(
      `SELECT 1 ${rows} AND isNotNull({column:Identifier}) LIMIT 1`,
      { ...params, column: `properties.${property}` },
      LIMITS,
    );
    if (found.length > 0) return undefined;
    const [nearest] = await this.clickhouse.query<{ name: string }>(
      `SELECT DISTINCT splitByChar('.', arrayJoin(JSONAllPaths(properties)))[1] AS name
       FROM (SELECT properties ${rows} LIMIT ${SAMPLE_ROWS})
       ORDER BY damerauLevenshteinDistance(name, {name:String}), name LIMIT 1`,
      params,
      LIMITS,
    );
    return nearest?.name ?? null;
  }
}
