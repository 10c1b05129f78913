import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { phoneBody, phoneEnvelope, wrapRsa } from '../../test/support/encrypted-payloads.js';
import type { Projects } from '../access/contract.js';
import type { Envelope } from '../kernel/event.js';
import type { JsonObject } from '../kernel/json.js';
import { toRefusedEnvelope } from '../kernel/refusal.js';
import { Config } from '../platform/config/config.js';
import { News } from '../platform/threads/news.js';
import { type KeyRing } from './core/encryption/key-ring.js';
import { makeKey } from './core/encryption/make-key.js';
import { openKey } from './core/encryption/open-key.js';
import { DecodeService } from './decode.service.js';
import type { DerivedProperties } from './derived-properties.js';
import { Enrichment } from './enrichment.js';
import { GeoLocations } from './geo-locations.js';
import { KeyRings } from './key-rings.js';
import { TimeWindows } from './time-windows.js';

const RECEIVED = Date.UTC(2026, 4, 1, 12);
const CONFIG = Config.parse({ COLLECT_INFLATED_LIMIT_BYTES: '4194304', GEOIP_CITY_FILE: 'none' });
const enrichment = new Enrichment(new GeoLocations(CONFIG));
/** A project without derived properties. */
const noDerived = { of: async () => new Map(), derive: () => 0 } as unknown as DerivedProperties;

const noRules = { timeLimits: async () => ({ lateDays: null, futureMinutes: null }) } as unknown as Projects;
/** The window of the installation for every project. */
const windows = new TimeWindows(CONFIG, noRules);

/** Gives every project the same keys. */
class OneRing extends KeyRings {
  constructor(private readonly ring: KeyRing | undefined) {
    super(null as never, null as never, new News());
  }
  override async load(projectIds: ReadonlySet<number>): Promise<ReadonlyMap<number, KeyRing>> {
    return new Map(this.ring ? [...projectIds].map((id) => [id, this.ring as KeyRing]) : []);
  }
}
const service = new DecodeService(CONFIG, new OneRing(undefined), enrichment, noDerived, windows);

const anEnvelope = (change: Partial<Envelope> = {}): Envelope => ({
  source: 'sensorsdata',
  projectId: 1,
  receivedAt: RECEIVED,
  ip: '203.0.113.9',
  userAgent: 'test',
  query: 'project=default',
  body: Buffer.alloc(0),
  ...change,
});
const aRecord = (change: JsonObject = {}): JsonObject => ({
  type: 'track',
  event: 'ViewItem',
  distinct_id: 'dev-1',
  _track_id: 1,
  time: RECEIVED,
  properties: {},
  ...change,
});
const send = (value: unknown) =>
  anEnvelope({
    body: Buffer.from(`data_list=${encodeURIComponent(gzipSync(JSON.stringify(value)).toString('base64'))}`),
  });

const TYPES = [
  'track',
  'identify',
  'alias',
  'group',
  'page',
  'screen',
  'unbind',
  'profile_set',
  'profile_append',
];
const KEYS = ['__proto__', 'constructor', 'a b', '1', '价格', '$os', 'x'.repeat(120), '\ud800'];
const aHostileObject = fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), fc.jsonValue());
const aHostileId = fc.oneof(fc.constant('u1'), fc.string({ unit: 'binary' }), fc.jsonValue());
/** Half right, so that it gets further than noise. */
const aHostileCall = fc.record(
  {
    type: fc.oneof(fc.constantFrom(...TYPES), fc.jsonValue()),
    event: fc.oneof(fc.constantFrom('Order Completed', '$MessageSent', ''), fc.jsonValue()),
    userId: aHostileId,
    user_id: aHostileId,
    anonymousId: aHostileId,
    previousId: aHostileId,
    messageId: aHostileId,
    timestamp: fc.oneof(fc.constantFrom('2026-05-01T11:00:00Z', '9'), fc.jsonValue()),
    time: fc.oneof(fc.constantFrom('2026-05-01', 1e13), fc.jsonValue()),
    identities: fc.oneof(aHostileObject, fc.jsonValue()),
    properties: fc.oneof(aHostileObject, fc.jsonValue()),
    traits: fc.oneof(aHostileObject, fc.jsonValue()),
    context: fc.oneof(fc.record({ device: fc.jsonValue(), page: fc.jsonValue() }), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const aHostileBatch = fc.record({
  batch: fc.array(aHostileCall),
  events: fc.array(aHostileCall),
  context: fc.jsonValue(),
  sentAt: fc.jsonValue(),
});

describe('the decoder', () => {
  it('gives the records of all envelopes in the order received', async () => {
    const names = ['A', 'B', 'C', 'D'];
    const [a, b, c, d] = names.map((event) => aRecord({ event }));
    const batch = await service.decode([
      send([a, b]),
      send(c),
      anEnvelope({ body: Buffer.from(JSON.stringify(d)) }),
    ]);
    expect(batch.records.map(({ event }) => event)).toEqual(names);
    expect(batch).toMatchObject({ dead: [], dropped: {} });
  });

  it('keeps the good records of a request beside its bad ones', async () => {
    const batch = await service.decode([
      send([
        aRecord({ properties: { 'no good': 1 } }),
        aRecord({ event: 'no good' }),
        { type: 'item_set', item_type: 'book', item_id: '1', properties: { 'no good': 1 } },
        { type: 'item_set' },
        7,
      ]),
    ]);
    expect(batch.records).toHaveLength(1);
    expect(batch.items).toMatchObject([{ itemType: 'book', itemId: '1' }]);
    expect(batch.dropped).toEqual({ illegal_property: 2 });
    expect(batch.dead.map(({ reason }) => reason)).toEqual(['invalid_name', 'invalid_name', 'not_a_record']);
    expect(JSON.parse(String(batch.dead[0]?.payload))).toMatchObject({ event: 'no good' });
  });

  it.each([
    ['no payload', anEnvelope(), 'no_payload'],
    ['an encrypted payload', send([{ ekey: 'eHh4', pkv: 1, payloads: ['eHh4'] }]), 'encrypted_without_key'],
    ['an envelope that is none', send([{ ekey: 'x', pkv: 1, payloads: 1 }]), 'decryption_failed'],
    ['a source that nobody knows', anEnvelope({ source: 'carrier-pigeon' }), 'step_failed'],
    ['a zip bomb', send('x'.repeat(5_000_000)), 'inflated_too_large'],
  ])('makes a dead letter of %s', async (_name, envelope, reason) => {
    const batch = await service.decode([envelope]);
    expect(batch.records).toEqual([]);
    expect(batch.dead).toMatchObject([{ reason, projectId: 1, ip: '203.0.113.9', source: envelope.source }]);
  });

  it('keeps the query of a payload that came in the query', async () => {
    const { dead } = await service.decode([anEnvelope({ query: 'project=default&data=***' })]);
    expect(String(dead[0]?.payload)).toBe('project=default&data=***');
  });

  it('shows a refused request under the source that it was for', async () => {
    const envelope = toRefusedEnvelope(
      anEnvelope({ query: 'project=nix&data=YQ' }),
      'unknown_project',
      'There is no project nix.',
    );
    const { dead } = await service.decode([envelope]);
    expect(dead).toMatchObject([
      { reason: 'unknown_project', detail: 'There is no project nix.', source: 'sensorsdata' },
    ]);
    expect(String(dead[0]?.payload)).toBe('project=nix&data=YQ');
  });

  it('makes at most 101 dead letters of one request', async () => {
    const { dead } = await service.decode([send(new Array(5_000).fill(1))]);
    expect(dead).toHaveLength(101);
    expect(dead.at(-1)?.detail).toBe('4900 further records of this request were refused.');
  });

  it('takes 10,000 records of one request and names the rest', async () => {
    const batch = await service.decode([
      send(Array.from({ length: 10_003 }, (_, i) => aRecord({ _track_id: i + 1 }))),
    ]);
    expect(batch.records).toHaveLength(10_000);
    expect(batch.dead).toMatchObject([{ reason: 'too_many_records' }]);
  });

  it('keeps the request of a record that is nested without end', async () => {
    const deep = `{"type":"nope","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const { dead } = await service.decode([anEnvelope({ body: Buffer.from(deep) })]);
    expect(dead).toMatchObject([{ reason: 'unknown_record_type' }]);
    expect(dead[0]?.payload.length).toBe(deep.length);
  });

  it("reads Rekindle's own events, which no request can pose as", async () => {
    const own = {
      eventId: 'a'.repeat(32),
      type: 'track',
      event: '$MessageOpened',
      userId: 5,
      time: RECEIVED,
      properties: { a: 1 },
    };
    const body = Buffer.from(JSON.stringify([own, { ...own, userId: 'x' }]));
    const batch = await service.decode([anEnvelope({ source: 'internal', body })]);
    expect(batch.records).toMatchObject([
      { eventId: own.eventId, event: '$MessageOpened', distinctId: '', identities: { $rekindle_user: '5' } },
    ]);
    expect(batch.dead).toMatchObject([{ reason: 'not_a_record', source: 'internal' }]);
    expect((await service.decode([anEnvelope({ body })])).records).toEqual([]);
  });

  it('tells a developer every stage of a request', async () => {
    const good = await service.inspect(anEnvelope({ body: Buffer.from(`${send([aRecord()]).body}&crc=5`) }));
    expect(good).toMatchObject({
      valid: true,
      stages: {
        parameters: [
          { name: 'data_list', from: 'body', crc: 'mismatch', encoding: 'base64+gzip', recordCount: 1 },
        ],
        records: [{ event: 'ViewItem' }],
        errors: [],
      },
    });
    const bad = await service.inspect(send([aRecord({ distinct_id: '' })]));
    expect(bad).toMatchObject({ valid: false, stages: { errors: [{ reason: 'missing_distinct_id' }] } });
  });

  describe('with a key of the project', () => {
    let decrypting: DecodeService;
    let publicKey: string;
    beforeAll(async () => {
      const { material, publicKey: made } = await makeKey('rsa');
      publicKey = made ?? '';
      const key = openKey('rsa', material);
      const unwrap: KeyRing['unwrap'] = (pkv, ekey) =>
        pkv === 1 && key.kind === 'pair' ? key.unwrap(ekey) : null;
      decrypting = new DecodeService(
        CONFIG,
        new OneRing({ unwrap, findShared: () => null }),
        enrichment,
        noDerived,
        windows,
      );
    });
    const encrypted = (pkv = 1, record = aRecord()) => {
      const envelope = phoneEnvelope({ pkv, publicKey }, wrapRsa, [record]);
      return anEnvelope({
        body: Buffer.from(phoneBody([{ ...envelope, flush_time: RECEIVED - 86_400_000 }])),
      });
    };

    it('stores what came encrypted, its clock corrected by the moment of sending', async () => {
      const batch = await decrypting.decode([encrypted(1, aRecord({ time: RECEIVED - 86_400_000 }))]);
      expect(batch.dead).toEqual([]);
      expect(batch.records).toMatchObject([{ event: 'ViewItem', time: RECEIVED }]);
      expect(batch.records[0]?.properties).not.toHaveProperty('$crc_mismatch');
    });

    it('tells a developer that a payload can be read, and not what is in it', async () => {
      const { valid, stages } = await decrypting.inspect(encrypted());
      expect(valid).toBe(true);
      expect(stages).toMatchObject({ parameters: [{ crc: 'matches', isEncrypted: true }], recordCount: 1 });
      expect(JSON.stringify(stages)).not.toContain('ViewItem');
      const wrong = await decrypting.inspect(encrypted(1, aRecord({ type: 'secretly_wrong' })));
      expect(wrong).toMatchObject({ valid: false, stages: { errors: [{ reason: 'unknown_record_type' }] } });
      expect(JSON.stringify(wrong)).not.toContain('secretly_wrong');
    });

    it('replays what came before its key', async () => {
      const { dead } = await decrypting.decode([encrypted(2)]);
      expect(dead).toMatchObject([
        { reason: 'encrypted_without_key', detail: 'There is no key with the pkv 2.' },
      ]);
      const kept = String(dead[0]?.payload).replace('"pkv":2', '"pkv":1');
      const again = await decrypting.decode([anEnvelope({ body: Buffer.from(kept) })]);
      expect(again.records).toMatchObject([{ event: 'ViewItem' }]);
    });
  });

  it('judges a request without storing it', async () => {
    const body = (value: unknown) => anEnvelope({ source: 'json', body: Buffer.from(JSON.stringify(value)) });
    expect(await service.judge(body([{ event: 'A', user_id: 'u' }, { event: 'A' }]))).toEqual({
      accepted: 1,
      rejected: [
        { index: 1, pointer: '/1', code: 'missing_distinct_id', detail: 'The record names nobody.' },
      ],
      refused: 1,
      failure: null,
    });
    expect(await service.judge(body('x'))).toMatchObject({
      accepted: 0,
      failure: { reason: 'invalid_json' },
    });
  });

  it('tags the events of every source with the remark of the query', async () => {
    const body = Buffer.from(JSON.stringify({ type: 'track', event: 'A', userId: 'u', user_id: 'u' }));
    const segment = anEnvelope({ source: 'segment', query: 'remark=beta', body });
    const { records } = await service.decode([segment, { ...send(aRecord()), query: 'remark=beta' }]);
    expect(records.map(({ properties }) => properties['$remark'])).toEqual(['beta', 'beta']);
  });

  it('never throws, and always ends in records, drops or reasons', async () => {
    const envelope = fc.record({
      source: fc.constantFrom('sensorsdata', 'segment', 'json', 'internal', 'refused', 'other'),
      query: fc.string({ unit: 'binary' }),
      body: fc.oneof(
        fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
        fc
          .oneof(aHostileCall, fc.array(aHostileCall), aHostileBatch)
          .map((value) => Buffer.from(JSON.stringify(value))),
      ),
    });
    await fc.assert(
      fc.asyncProperty(envelope, async (change) => {
        const batch = await service.decode([anEnvelope(change)]);
        expect(batch.records.length + batch.dead.length).toBeGreaterThanOrEqual(0);
        const failures = batch.dead.filter(({ reason }) => reason === 'step_failed');
        expect(failures.map(({ source }) => source).filter((source) => source !== 'other')).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });
});
