import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Projects } from '../access/contract.js';
import type { DecodedRecord, Envelope } from '../kernel/event.js';
import type { Json, JsonObject } from '../kernel/json.js';
import { DEAD_REASONS } from '../kernel/reasons.js';
import { Config } from '../platform/config/config.js';
import { News } from '../platform/threads/news.js';
import { isLegalName } from './core/names.js';
import { DecodeService } from './decode.service.js';
import type { DerivedProperties } from './derived-properties.js';
import { Enrichment } from './enrichment.js';
import { GeoLocations } from './geo-locations.js';
import { KeyRings } from './key-rings.js';
import { TimeWindows } from './time-windows.js';

const RECEIVED = Date.UTC(2026, 4, 1, 12);
/** Far more than any case needs, and far less than a hang. */
const LONGEST_CASE_MS = 2_000;
class NoKeys extends KeyRings {
  override async load() {
    return new Map<never, never>();
  }
}
const config = Config.parse({
  COLLECT_INFLATED_LIMIT_BYTES: '4194304',
  GEOIP_CITY_FILE: 'none',
  GEOIP_ASN_FILE: 'none',
});
/** A project without derived properties. */
const noDerived = { of: async () => new Map(), derive: () => 0 } as unknown as DerivedProperties;
const noRules = { timeLimits: async () => ({ lateDays: null, futureMinutes: null }) } as unknown as Projects;
const service = new DecodeService(
  config,
  new NoKeys(null as never, null as never, new News()),
  new Enrichment(new GeoLocations(config)),
  noDerived,
  new TimeWindows(config, noRules),
);

const hostileText = fc.oneof(
  fc.constantFrom('', '\u0000', '\ud83d', 'NaN', '../../etc/passwd', '%00', '1e400', '-1', 'null', "'; --"),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constant('x'.repeat(9_000)),
);
const hostileNumber = fc.oneof(
  fc.constantFrom(
    0,
    -1,
    1e18,
    -1e18,
    1e308,
    -0,
    0.1,
    Number.MAX_SAFE_INTEGER + 2,
    RECEIVED,
    RECEIVED / 1_000,
  ),
  // Others are no JSON, and what is no JSON has no neighbours.
  fc.double({ noDefaultInfinity: true, noNaN: true }),
);
const hostileName = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    '$time',
    '$project',
    'properties',
    'a.b',
    '商品',
  ),
  fc.string({ maxLength: 10 }),
);
/** What stands where something else should; as text, for not all of it can be written by JSON.stringify. */
const hostileJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '1e400',
    '-1e400',
    '123456789012345678901234567890',
    '[]',
    '{}',
    'null',
    'true',
    '{"__proto__":{"a":1}}',
  ),
  fc.constant(`${'['.repeat(500)}${']'.repeat(500)}`),
  fc.constant(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`),
  hostileText.map((text) => JSON.stringify(text)),
  hostileNumber.map((number) => String(number)),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
);

const TYPES = [
  'track',
  'track_signup',
  'track_id_bind',
  'track_id_unbind',
  'profile_set',
  'profile_set_once',
  'profile_increment',
  'profile_append',
  'profile_unset',
  'profile_delete',
  'item_set',
  'item_delete',
];
const validRecord = fc.record({
  type: fc.constantFrom(...TYPES),
  event: fc.constantFrom('ViewItem', '$AppStart'),
  distinct_id: fc.constantFrom('dev-1', 'user+1'),
  original_id: fc.constantFrom('dev-1', ''),
  identities: fc.constantFrom<JsonObject>({}, { $identity_login_id: 'a', $identity_anonymous_id: 'dev-1' }),
  item_type: fc.constant('book'),
  item_id: fc.constantFrom('1', 'a/b'),
  _track_id: fc.integer(),
  time: fc.integer({ min: RECEIVED - 1e9, max: RECEIVED }),
  _flush_time: fc.constant(RECEIVED - 5),
  lib: fc.constant({ $lib: 'js', $lib_version: '1' }),
  properties: fc.dictionary(
    fc.constantFrom('a', 'b', '$url'),
    fc.oneof(fc.integer(), fc.string(), fc.boolean()),
  ),
}) as unknown as fc.Arbitrary<JsonObject>;

/** A record of which one or two fields, at any level, are something else. */
const mutatedRecord: fc.Arbitrary<string> = fc
  .tuple(validRecord, fc.array(fc.tuple(fc.nat(), hostileName, hostileJson, fc.boolean()), { maxLength: 2 }))
  .map(([record, changes]) => {
    const places = [record, record['properties'], record['identities'], record['lib']] as JsonObject[];
    const holes: string[] = [];
    for (const [at, name, json, isReplacing] of changes) {
      const place = places[at % places.length] ?? record;
      const names = Object.keys(place);
      const key = isReplacing ? (names[at % Math.max(1, names.length)] ?? name) : name;
      // Defined, not assigned: the key may be __proto__.
      Object.defineProperty(place, key, {
        value: `hole-${holes.length}`,
        enumerable: true,
        configurable: true,
      });
      holes.push(json);
    }
    return holes.reduce((text, json, i) => text.replace(`"hole-${i}"`, () => json), JSON.stringify(record));
  });

type Wrapping = (json: string) => { query?: string; body?: Buffer };
const base64 = (json: string | Buffer) => Buffer.from(json).toString('base64');
const WRAPPINGS: Record<string, Wrapping> = {
  json: (json) => ({ body: Buffer.from(json) }),
  form: (json) => ({ body: Buffer.from(`data_list=${encodeURIComponent(base64(json))}&gzip=0`) }),
  packed: (json) => ({
    body: Buffer.from(`crc=1&gzip=1&data_list=${encodeURIComponent(base64(gzipSync(json)))}`),
  }),
  plusAsItIs: (json) => ({ body: Buffer.from(`data=${base64(gzipSync(json))}`) }),
  packedBody: (json) => ({ body: gzipSync(json) }),
  twice: (json) => ({ body: gzipSync(`data=${encodeURIComponent(base64(gzipSync(json)))}`) }),
  query: (json) => ({ query: `project=default&data=${encodeURIComponent(base64(json))}&ext=crc%3D1` }),
  multipart: (json) => ({
    body: Buffer.from(
      `--b\r\nContent-Disposition: form-data; name="data_list"\r\n\r\n${base64(json)}\r\n--b--\r\n`,
    ),
  }),
  named: (json) => ({ body: Buffer.from(`{"data":${json},"data_list":${JSON.stringify(base64(json))}}`) }),
};
const wrapping = fc.constantFrom(...Object.values(WRAPPINGS));

/** Bytes of which a few are turned, cut out or doubled. */
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    length: fc.integer({ min: 1, max: 40 }),
    kind: fc.constantFrom('turn', 'cut', 'double'),
  }),
  { maxLength: 4 },
);

function damaged(bytes: Buffer, wounds: { at: number; length: number; kind: string }[]): Buffer {
  return wounds.reduce((left, { at, length, kind }) => {
    const start = left.length === 0 ? 0 : at % left.length;
    const [before, hit, after] = [
      left.subarray(0, start),
      left.subarray(start, start + length),
      left.subarray(start + length),
    ];
    if (kind === 'cut') return Buffer.concat([before, after]);
    if (kind === 'double') return Buffer.concat([before, hit, hit, after]);
    return Buffer.concat([before, hit.map((byte) => byte ^ (1 << (at % 8))), after]);
  }, bytes);
}

const envelopeOf = ({
  query = 'project=default',
  body = Buffer.alloc(0),
}: ReturnType<Wrapping>): Envelope => ({
  source: 'sensorsdata',
  projectId: 1,
  receivedAt: RECEIVED,
  ip: '203.0.113.9',
  userAgent: 'test',
  query,
  body,
});

async function decodeInTime(envelope: Envelope) {
  const startedAt = performance.now();
  const batch = await service.decode([envelope]);
  expect(performance.now() - startedAt).toBeLessThan(LONGEST_CASE_MS);
  for (const { reason, detail } of batch.dead) {
    expect(DEAD_REASONS).toContain(reason);
    // A bug of ours ends in this one.
    expect(reason).not.toBe('step_failed');
    expect(detail).not.toBe('');
  }
  for (const record of batch.records) expectStorable(record);
  for (const { itemType, itemId, properties } of batch.items) {
    expect(isLegalName(itemType) && itemId.length > 0 && itemId.length <= 255).toBe(true);
    expectStorableProperties(properties);
  }
  return batch;
}

/** What PostgreSQL and ClickHouse take without a word. */
function expectStorable(record: DecodedRecord): void {
  expect(record.eventId).toMatch(/^[0-9a-f]{32}$/);
  expect(record.event === '' || isLegalName(record.event)).toBe(true);
  expect(record.distinctId.length > 0 && record.distinctId.length <= 255).toBe(true);
  expect(
    Number.isInteger(record.time) && record.time >= 1e12 - 1e9 && record.time <= RECEIVED + 3_600_000,
  ).toBe(true);
  expect(record.clientTime === null || Number.isInteger(record.clientTime)).toBe(true);
  for (const [key, value] of Object.entries(record.identities)) {
    expect(isLegalName(key) && value.length <= 255).toBe(true);
  }
  expectStorableProperties(record.properties);
  expect(
    /[\0\p{Surrogate}]/u.test([record.distinctId, record.source, ...Object.values(record.identities)].join()),
  ).toBe(false);
}

function expectStorableProperties(properties: JsonObject): void {
  expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
  for (const [name, value] of Object.entries(properties)) {
    expect(isLegalName(name)).toBe(true);
    for (const one of Array.isArray(value) ? value : [value]) expect(isStorableValue(one)).toBe(true);
  }
}

function isStorableValue(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'boolean' || (typeof value === 'string' && !/[\0\p{Surrogate}]/u.test(value));
}

describe('the decoder, whatever is sent', () => {
  it('makes of each record of a request a record, an item, or a dead letter with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutatedRecord, { minLength: 1, maxLength: 5 }),
        wrapping,
        async (records, wrap) => {
          const batch = await decodeInTime(envelopeOf(wrap(`[${records.join()}]`)));
          const outcomes = batch.records.length + batch.items.length + batch.dead.length;
          expect(outcomes >= records.length || batch.dead.length > 0).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is kept from no good record by a bad one beside it', async () => {
    const good = { type: 'track', event: 'Good', distinct_id: 'good', time: RECEIVED, properties: {} };
    await fc.assert(
      fc.asyncProperty(mutatedRecord, async (bad) => {
        const batch = await decodeInTime(
          envelopeOf({ body: Buffer.from(`[${JSON.stringify(good)},${bad}]`) }),
        );
        expect(batch.records.some(({ event }) => event === 'Good')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('ends in time with bytes that were damaged on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutatedRecord, { maxLength: 3 }),
        wrapping,
        damage,
        async (records, wrap, wounds) => {
          const { query, body } = wrap(`[${records.join()}]`);
          await decodeInTime(
            envelopeOf({
              ...(query === undefined
                ? {}
                : { query: damaged(Buffer.from(query), wounds).toString('latin1') }),
              ...(body === undefined ? {} : { body: damaged(body, wounds) }),
            }),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('ends in time with bytes that mean nothing', async () => {
    const start = fc.constantFrom(
      '',
      '{',
      '[',
      '--',
      '\u001f\u008b',
      'data=',
      'data_list=%',
      'data=[',
      'ext=crc%3D',
    );
    await fc.assert(
      fc.asyncProperty(
        start,
        fc.uint8Array({ maxLength: 2_000 }),
        fc.string({ unit: 'binary' }),
        async (head, tail, query) => {
          const body = Buffer.concat([Buffer.from(head, 'latin1'), tail]);
          await decodeInTime(envelopeOf({ body, query }));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, () => ReturnType<Wrapping>]>([
    ['brackets', () => ({ body: Buffer.from('['.repeat(4e6)) })],
    ['ampersands', () => ({ body: Buffer.from('&'.repeat(8e6)) })],
    ['percent signs', () => ({ body: Buffer.from(`data=${'%'.repeat(8e6)}`) })],
    ['line breaks', () => ({ body: Buffer.from(`data=${'\r\n'.repeat(4e6)}`) })],
    ['spaces', () => ({ body: Buffer.from(`data=${' '.repeat(8e6)}x`) })],
    ['quotes', () => ({ body: Buffer.from(`["${'\\"'.repeat(4e6)}`) })],
    ['boundaries', () => ({ body: Buffer.from(`--\n${'--'.repeat(4e6)}`) })],
    ['empty objects', () => ({ body: Buffer.from(`[${'{},'.repeat(2e6)}{}]`) })],
    ['packed empty objects', () => ({ body: gzipSync(`[${'{},'.repeat(2e6)}{}]`) })],
    [
      'names',
      () => ({ body: Buffer.from(`{${Array.from({ length: 600_000 }, (_, i) => `"n${i}":1`).join()}}`) }),
    ],
  ])('ends within seconds with megabytes of %s', async (_name, make) => {
    const startedAt = performance.now();
    const { records, dead } = await service.decode([envelopeOf(make())]);
    // Generous: the machine may do other things too.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(records).toEqual([]);
    expect(dead.length).toBeGreaterThan(0);
  });
});
