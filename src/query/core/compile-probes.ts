import type { ProjectId } from '../../kernel/ids.js';
import { PROFILE_TABLE } from '../../store/contract.js';
import { type CompiledQuery, EventSql } from './event-sql.js';
import type { NamedThing } from './named-things.js';

/** Rows out of which the names of properties are read for a hint. */
const SAMPLE_ROWS = 2_000;

/** One query whose rows are the places in `things` of those that exist; each look-up ends at the first row found. */
export function compileProbes(projectId: ProjectId, things: readonly NamedThing[]): CompiledQuery {
  const events = new EventSql(projectId);
  const probes = things.map((thing, place) => {
    const found = `SELECT 1 ${sourceOf(thing, events)} LIMIT 1`;
    return `SELECT ${events.params.bind(place, 'UInt32')} AS place FROM (${found})`;
  });
  return { sql: probes.join('\nUNION ALL\n'), params: events.params.values };
}

function sourceOf({ kind, name, events: scope }: NamedThing, events: EventSql): string {
  if (kind === 'event') return `${events.from()} ${events.where(events.named([name]))}`;
  const isSet = events.properties.filter({ property: name, op: 'is_set' });
  if (kind === 'profile') return `FROM ${PROFILE_TABLE} ${events.where(isSet)}`;
  return `${events.from()} ${events.where(...(scope ? [events.named(scope)] : []), isSet)}`;
}

/** Names that a thing of this kind may have been meant by: every event, or the properties of a sample of rows. */
export function compileNames(projectId: ProjectId, { kind, events: scope }: NamedThing): CompiledQuery {
  const events = new EventSql(projectId);
  const { params } = events;
  if (kind === 'event') {
    // So that a projection answers it: grouped, not distinct.
    const sql = `SELECT toString(event) AS name ${events.from()} ${events.where()} GROUP BY event LIMIT 10000`;
    return { sql, params: params.values };
  }
  const table = kind === 'profile' ? `FROM ${PROFILE_TABLE}` : events.from();
  const rows = `SELECT properties ${table} ${events.where(...(scope ? [events.named(scope)] : []))}`;
  const sql = `SELECT DISTINCT splitByChar('.', arrayJoin(JSONAllPaths(properties)))[1] AS name FROM (${rows} LIMIT ${params.bind(SAMPLE_ROWS, 'UInt32')})`;
  return { sql, params: params.values };
}
