import type { ProjectId } from '../../kernel/ids.js';
import { PERSON_ALIAS_TABLE } from '../../store/contract.js';
import { duringDays } from './event-projections.js';
import { type CompiledQuery, EventSql, indent, lines } from './event-sql.js';
import type { Span } from './time-range.js';

/** How many events the properties are read out of, and of how many parts of the users these are. */
export const SAMPLE_EVENTS = 10_000;
const SAMPLE_PARTS = 10;
const SAMPLE_VALUES = 10;
/** A longer value is counted, but not shown as an example. */
const LONGEST_EXAMPLE_BYTES = 200;

export interface CataloguePage {
  /** Whole days in UTC. */
  span: Span;
  /** Only names that hold this text, whatever its case. */
  search: string;
  /** The last one of the page before: how many events, and its name. */
  after: { events: number; name: string } | null;
  limit: number;
}

/** A row of the list of events; times in ms since 1970. */
export interface EventRow {
  name: string;
  events: number;
  firstMs: number;
  lastMs: number;
}

/** A row of the list of properties. Values are JSON text; `top`: the most frequent, each with minus its number. */
export interface PropertyRow {
  name: string;
  events: number;
  texts: number;
  numbers: number;
  booleans: number;
  lists: number;
  objects: number;
  values: number;
  top: [number, string][];
  /** Events in the sample. */
  sampled: number;
}

/** Events seen within a span, the most frequent first. */
export function compileSeenEvents(projectId: ProjectId, page: CataloguePage): CompiledQuery {
  const events = new EventSql(projectId);
  const sql = lines(
    'SELECT toString(event) AS name, count() AS events,',
    '  toUnixTimestamp64Milli(min(time)) AS firstMs, toUnixTimestamp64Milli(max(time)) AS lastMs',
    events.from(),
    events.where(...duringDays(page.span, events), ...searched('event', page, events)),
    'GROUP BY event',
    ...paged(page, events),
  );
  return { sql, params: events.params.values };
}

/**
 * How many persons each of these events is of within a span. Bitmaps of users are put together, and of them only
 * those who were merged are looked up.
 */
export function compileSeenPersons(
  projectId: ProjectId,
  names: readonly string[],
  span: Span,
): CompiledQuery {
  const events = new EventSql(projectId);
  const persons =
    "arrayMap(user -> dictGetOrDefault('person_canonical', 'canonical', user, user), bitmapToArray(bitmapAnd(users, merged)))";
  const sql = lines(
    `WITH (SELECT groupBitmapState(person_id) FROM ${PERSON_ALIAS_TABLE}) AS merged`,
    `SELECT name, bitmapOrCardinality(bitmapAndnot(users, merged), bitmapBuild(${persons})) AS persons`,
    'FROM (',
    '  SELECT toString(event) AS name, groupBitmapState(user_id) AS users',
    indent(
      lines(
        events.from(),
        events.where(`event IN ${events.params.bind(names, 'Array(String)')}`, ...duringDays(span, events)),
        'GROUP BY event',
      ),
    ),
    ')',
  );
  return { sql, params: events.params.values };
}

/** How many events of a name there are within a span, and users that divide those it is of into equal parts. */
export function compileSampleParts(projectId: ProjectId, name: string, span: Span): CompiledQuery {
  const events = new EventSql(projectId);
  const ranks = `arrayDistinct(arrayMap(part -> intDiv(part * bitmapCardinality(users), ${SAMPLE_PARTS}), range(1, ${SAMPLE_PARTS})))`;
  const sql = lines(
    'SELECT events, arrayMap(rank -> bitmapToArray(subBitmap(users, rank, 1))[1], arrayFilter(rank -> rank > 0, ranks)) AS cuts',
    'FROM (',
    `  SELECT count() AS events, groupBitmapState(user_id) AS users, ${ranks} AS ranks`,
    indent(lines(events.from(), events.where(events.named([name]), ...duringDays(span, events)))),
    ')',
  );
  return { sql, params: events.params.values };
}

/**
 * Properties of a sample of events, the most frequent first.
 *
 * The event table is sorted by user, so the latest events lie all over it, but the first events of some users lie
 * together: of each part of the users as many are read, and little else.
 * @param cuts users that divide the events into parts
 */
export function compileSeenProperties(
  projectId: ProjectId,
  name: string,
  page: CataloguePage & { cuts: readonly number[] },
): CompiledQuery {
  const events = new EventSql(projectId);
  const ofType = (condition: string) => `sumIf(occurrences, ${condition})`;
  const startsWith = (text: string) => `startsWith(value, '${text}')`;
  const conditions = searched('name', page, events);
  const sql = lines(
    'SELECT name, any(total) AS sampled, sum(occurrences) AS events,',
    `  ${ofType(startsWith('"'))} AS texts, ${ofType(startsWith('['))} AS lists, ${ofType(startsWith('{'))} AS objects,`,
    `  ${ofType("value IN ('true', 'false')")} AS booleans, events - texts - lists - objects - booleans AS numbers,`,
    '  count() AS values,',
    `  arraySlice(arraySort(groupArrayIf((-toInt64(occurrences), value), length(value) <= ${LONGEST_EXAMPLE_BYTES})), 1, ${SAMPLE_VALUES}) AS top`,
    'FROM (',
    '  SELECT pair.1 AS name, pair.2 AS value, count() AS occurrences,',
    "    sumIf(occurrences, value = '') OVER () AS total",
    '  FROM (',
    // No value is an empty text: an event has one such pair, to be counted by.
    "    SELECT arrayJoin(arrayPushBack(JSONExtractKeysAndValuesRaw(toJSONString(properties)), ('', ''))) AS pair",
    '    FROM (',
    indent(indent(indent(sample(name, page, events)))),
    '    )',
    '  )',
    '  GROUP BY name, value',
    ')',
    `WHERE ${["value != ''", ...conditions].join(' AND ')}`,
    'GROUP BY name',
    ...paged(page, events),
  );
  return { sql, params: events.params.values };
}

function sample(
  name: string,
  { span, cuts }: { span: Span; cuts: readonly number[] },
  events: EventSql,
): string {
  const { params } = events;
  const bounds = [null, ...cuts, null];
  const parts = bounds.slice(1).map((to, index) => {
    const from = bounds[index] ?? null;
    return lines(
      'SELECT properties',
      events.from(),
      events.where(
        events.named([name]),
        ...events.during(span),
        ...(from === null ? [] : [`user_id >= ${params.bind(from, 'UInt64')}`]),
        ...(to === null ? [] : [`user_id < ${params.bind(to, 'UInt64')}`]),
      ),
      `ORDER BY user_id, time LIMIT ${params.bind(Math.ceil(SAMPLE_EVENTS / (bounds.length - 1)), 'UInt32')}`,
    );
  });
  return parts.map((part) => `(${part})`).join('\nUNION ALL\n');
}

function searched(column: string, { search }: CataloguePage, { params }: EventSql): string[] {
  return search === ''
    ? []
    : [`positionCaseInsensitiveUTF8(${column}, ${params.bind(search, 'String')}) > 0`];
}

function paged({ after, limit }: CataloguePage, { params }: EventSql): string[] {
  const behind = (events: number, name: string) => {
    const number = params.bind(events, 'UInt64');
    return `events < ${number} OR (events = ${number} AND name > ${params.bind(name, 'String')})`;
  };
  return [
    ...(after ? [`HAVING ${behind(after.events, after.name)}`] : []),
    `ORDER BY events DESC, name LIMIT ${params.bind(limit, 'UInt32')}`,
  ];
}
