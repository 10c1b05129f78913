import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  compileSampleParts,
  compileSeenEvents,
  compileSeenPersons,
  compileSeenProperties,
} from './compile-catalogue.js';
import { compileCounts } from './compile-counts.js';
import { compileEvents } from './compile-events.js';
import { compileFunnel } from './compile-funnel.js';
import { compileNames, compileProbes } from './compile-probes.js';
import { compileRetention } from './compile-retention.js';
import type { CompiledQuery } from './event-sql.js';
import { EVENTS_QUERY } from './events-query.js';
import { FUNNEL_QUERY } from './funnel-query.js';
import { namedInFunnel } from './named-things.js';
import { planRetention, RETENTION_QUERY } from './retention-query.js';
import { bucketStarts } from './time-buckets.js';
import { resolveRange } from './time-range.js';

const GOLDEN = fileURLToPath(new URL('./__golden__/', import.meta.url));
const AT = { nowMs: Date.parse('2026-03-10T12:00:00Z'), timeZone: 'America/New_York' };
const WEEK = { calendar: { days: 7 } };

function events(body: Record<string, unknown>): CompiledQuery {
  const query = EVENTS_QUERY.parse({ range: WEEK, ...body });
  const span = resolveRange(query.range, AT);
  const starts = query.bucket ? bucketStarts(query.bucket, span, AT.timeZone) : null;
  return compileEvents(query, { projectId: 1, span, starts });
}

function counts(body: Record<string, unknown>): CompiledQuery | null {
  const query = EVENTS_QUERY.parse({ range: WEEK, ...body });
  const span = resolveRange(query.range, AT);
  const starts = query.bucket ? bucketStarts(query.bucket, span, AT.timeZone) : null;
  return compileCounts(query, { projectId: 1, span, starts }, AT.nowMs);
}

function funnel(body: Record<string, unknown>): CompiledQuery {
  const query = FUNNEL_QUERY.parse({ range: WEEK, window: { days: 1 }, ...body });
  return compileFunnel(query, { projectId: 1, span: resolveRange(query.range, AT) });
}

function retention(body: Record<string, unknown>): CompiledQuery {
  const query = RETENTION_QUERY.parse({ range: WEEK, unit: 'day', periods: 3, ...body });
  const plan = planRetention(query, resolveRange(query.range, AT), AT);
  return compileRetention(query, { projectId: 1, plan });
}

const paid = { property: 'method', op: 'equals', value: 'card' };
const inShenzhen = { property: 'city', op: 'equals', value: 'Shenzhen' };
const STEPS = [{ event: 'view' }, { event: 'pay', where: [paid] }];
const DAYS = { fromMs: Date.parse('2026-03-04'), toMs: Date.parse('2026-03-11') };
const PAGE = { span: DAYS, search: '', after: null, limit: 51 };
const AFTER = { ...PAGE, search: 'pa', after: { events: 7, name: 'page' } };

const NOTHING = { sql: '', params: {} };

const QUERIES: Record<string, CompiledQuery> = {
  'events-count-of-everything': events({}),
  'events-per-day-where-the-clocks-change': events({ events: ['pay'], bucket: 'day' }),
  'events-every-measure': events({
    events: ['pay', 'refund'],
    where: [paid],
    profile: [inShenzhen],
    measures: [
      { fn: 'count' },
      { fn: 'persons' },
      { fn: 'count_per_person' },
      ...['distinct', 'sum', 'avg', 'min', 'max', 'median'].map((fn) => ({ fn, property: 'amount' })),
      { fn: 'percentile', property: 'amount', percent: 95 },
    ],
  }),
  'events-grouped-by-everything': events({
    bucket: 'day',
    groupBy: [{ by: 'event' }, { by: 'property', property: 'channel' }, { by: 'profile', property: 'city' }],
    measures: [{ fn: 'sum', property: 'amount' }, { fn: 'persons' }],
    top: 5,
  }),
  'counts-of-everything': counts({}) ?? NOTHING,
  'counts-per-day-where-the-clocks-change': counts({ events: ['pay'], bucket: 'day' }) ?? NOTHING,
  'funnel-of-two-steps': funnel({ steps: STEPS }),
  'funnel-with-a-step-that-comes-again': funnel({
    steps: [...STEPS, { event: 'view' }],
    breakdown: { by: 'property', property: 'channel' },
    profile: [inShenzhen],
  }),
  'retention-bounded': retention({ first: { event: 'view', where: [paid] } }),
  'retention-rolling-of-new-persons': retention({
    first: { event: 'view' },
    return: { events: ['pay', 'view'], where: [paid] },
    mode: 'rolling',
    newOnly: true,
    profile: [inShenzhen],
  }),
  'catalogue-events': compileSeenEvents(1, AFTER),
  'catalogue-persons': compileSeenPersons(1, ['pay', 'page'], PAGE.span),
  'catalogue-sample-parts': compileSampleParts(1, 'pay', PAGE.span),
  'catalogue-properties': compileSeenProperties(1, 'pay', { ...AFTER, cuts: [100] }),
  'names-that-exist': compileProbes(
    1,
    namedInFunnel(
      FUNNEL_QUERY.parse({ steps: STEPS, range: WEEK, window: { days: 1 }, profile: [inShenzhen] }),
    ),
  ),
  'names-of-properties': compileNames(1, { kind: 'property', name: 'methd', pointer: '', events: ['pay'] }),
};

describe('The compiled SQL', () => {
  // UPDATE_GOLDEN=1 writes the files anew; read the difference before it is committed.
  it.each(Object.entries(QUERIES))('of %s is the one in __golden__', async (name, { sql, params }) => {
    const header = Object.entries(params).map(([key, value]) => `-- ${key} = ${JSON.stringify(value)}`);
    const actual = `${[...header, sql].join('\n')}\n`;
    const file = `${GOLDEN}${name}.sql`;
    if (process.env['UPDATE_GOLDEN']) await writeFile(file, actual);
    expect(actual).toBe(await readFile(file, 'utf8'));
  });

  it('has a query for every file', async () => {
    const names = (await readdir(GOLDEN)).map((name) => name.replace(/\.sql$/, ''));
    expect(names.sort()).toEqual(Object.keys(QUERIES).sort());
  });

  it('never holds a value or a name that a request gave', () => {
    const evil = "x' OR 1=1 --";
    const filter = { property: 'secret', op: 'equals', value: evil };
    const group = { by: 'property', property: 'secret' };
    for (const { sql, params } of [
      events({ events: [evil], where: [filter], groupBy: [group] }),
      funnel({ steps: [{ event: evil, where: [filter] }, { event: 'pay' }], breakdown: group }),
      retention({ first: { event: evil, where: [filter] } }),
      compileSeenEvents(1, { ...AFTER, search: evil, after: { events: 1, name: evil } }),
      compileSeenPersons(1, [evil], PAGE.span),
      compileSeenProperties(1, evil, { ...AFTER, cuts: [] }),
      counts({ events: [evil] }) ?? NOTHING,
    ]) {
      expect(sql).not.toContain(evil);
      expect(sql).not.toContain('secret');
      expect(JSON.stringify(params)).toContain(JSON.stringify(evil).slice(1, -1));
    }
  });
});
