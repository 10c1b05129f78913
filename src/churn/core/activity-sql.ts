import { SYSTEM_EVENTS } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import { PropertySql } from '../../kernel/property-sql.js';
import type { SqlParams } from '../../kernel/sql-params.js';
import { type Activity, ANY_EVENT } from './definition.js';

/** Expressions over rows of the event table. */
export interface ActivitySql {
  /** Rows of the project that are the users' own. */
  own: string;
  /** Whether such a row is activity, beyond `own`. */
  matches: string;
  /** Both. */
  rows: string;
  /** What a row is worth; 0 where it says nothing. */
  value: string;
}

export function writeActivity(activity: Activity, projectId: ProjectId, params: SqlParams): ActivitySql {
  const properties = new PropertySql(params);
  const project = `project_id = ${params.bind(projectId, 'UInt32')}`;
  const isAny = activity.event === ANY_EVENT;
  const system = `event NOT IN ${params.bind(Object.values(SYSTEM_EVENTS), 'Array(String)')}`;
  const filters = (activity.where ?? []).map((filter) => properties.filter(filter));
  const conditions = [...(isAny ? [] : [`event = ${params.bind(activity.event, 'String')}`]), ...filters];
  const { valueProperty } = activity;
  return {
    own: `${project} AND ${system}`,
    matches: conditions.length === 0 ? 'true' : conditions.join(' AND '),
    rows: [project, ...(isAny ? [system] : []), ...conditions].join(' AND '),
    value: valueProperty === undefined ? '0.' : `ifNull(${properties.number(valueProperty)}, 0.)`,
  };
}

/** Number of the local day of a moment, in days since 1970. */
export function localDay(moment: string, timeZone: string, params: SqlParams): string {
  return `toInt32(toDate(${moment}, ${params.bind(timeZone, 'String')}))`;
}
