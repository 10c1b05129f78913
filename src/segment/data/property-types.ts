import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { ClickHouse, type QueryParams } from '../../platform/clickhouse/clickhouse.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import { ANY_EVENT } from '../core/condition.js';
import type { ValueType } from '../core/expected-types.js';
import type { NamedProperty } from '../core/property-pointers.js';

/** A hint has to come fast or not at all. */
const LIMITS = { timeoutMs: 3_000, maxRowsToRead: 50_000_000 };
const CLICKHOUSE_TYPES: Record<ValueType, string> = { text: 'String', number: 'Float64', boolean: 'Bool' };

/** A property that is named, with the types that could be matched. */
export interface TypedProperty extends NamedProperty {
  types: readonly ValueType[];
}

/** Of which types the properties of a project's events and profiles are. */
@Injectable()
export class PropertyTypes {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * The type that the property has where it is there, but is never of one that could be matched. Null where it sometimes
   * is, where nothing has the property, and where it cannot be found out fast.
   */
  async findMismatch(projectId: ProjectId, named: TypedProperty): Promise<string | null> {
    try {
      return await this.look(projectId, named);
    } catch {
      return null;
    }
  }

  private async look(
    projectId: ProjectId,
    { property, event, types }: TypedProperty,
  ): Promise<string | null> {
    const isAny = event === null || event === ANY_EVENT;
    const rows = `FROM ${event === null ? PROFILE_TABLE : EVENT_TABLE} WHERE project_id = {project:UInt32}${isAny ? '' : ' AND event = {event:String}'}`;
    const params: QueryParams = {
      project: projectId,
      column: `properties.${property}`,
      ...(isAny ? {} : { event }),
    };
    const isOfType = types
      .map((type) => `isNotNull(dynamicElement({column:Identifier}, '${CLICKHOUSE_TYPES[type]}'))`)
      .join(' OR ');
    const matching = await this.clickhouse.query(
      `SELECT 1 ${rows} AND (${isOfType}) LIMIT 1`,
      params,
      LIMITS,
    );
    if (matching.length > 0) return null;
    const [other] = await this.clickhouse.query<{ type: string }>(
      `SELECT dynamicType({column:Identifier}) AS type ${rows} AND isNotNull({column:Identifier}) LIMIT 1`,
      params,
      LIMITS,
    );
    return other ? toWord(other.type) : null;
  }
}

function toWord(type: string): string {
  const known = Object.entries(CLICKHOUSE_TYPES).find(([, name]) => name === type);
  return known?.[0] ?? 'list';
}
