import { gzipSync } from 'node:zlib';
import type { Envelope } from '../../../kernel/event.js';
import type { JsonObject } from '../../../kernel/json.js';
import { EMPTY_KEY_RING } from '../../core/encryption/key-ring.js';
import { segmentFormat } from './segment.format.js';

const RECEIVED = Date.UTC(2026, 4, 1, 12);
const CONTEXT = {
  keys: EMPTY_KEY_RING,
  timeWindow: { lateMs: 731 * 86_400_000, futureMs: 3_600_000 },
  inflatedBytes: 1_000_000,
  recordsPerRequest: 3,
};
const anEnvelope = (body: unknown): Envelope => ({
  source: 'segment',
  projectId: 1,
  receivedAt: RECEIVED,
  ip: '203.0.113.9',
  userAgent: 'test',
  query: '',
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const aCall = (change: JsonObject = {}): JsonObject => ({
  type: 'track',
  event: 'Order Completed',
  userId: 'u1',
  messageId: 'm1',
  timestamp: new Date(RECEIVED - 5_000).toISOString(),
  ...change,
});
const decode = (body: unknown) => segmentFormat.decode(anEnvelope(body), CONTEXT);
const recordOf = (change: JsonObject) => {
  const { records, dead } = decode(aCall(change));
  if (!records[0]) throw new Error(JSON.stringify(dead));
  return records[0];
};

describe('a call of Segment', () => {
  it('track is an event of that name', () => {
    expect(
      decode(aCall({ properties: { revenue: 42.5, products: [{ sku: 'a' }], shop: { id: 1 } } })),
    ).toEqual({
      items: [],
      resumed: [],
      records: [
        {
          eventId: expect.stringMatching(/^[0-9a-f]{32}$/),
          projectId: 1,
          type: 'track',
          event: 'Order Completed',
          distinctId: 'u1',
          identities: { $identity_login_id: 'u1', $identity_anonymous_id: 'u1' },
          originalId: null,
          time: RECEIVED - 5_000,
          clientTime: RECEIVED - 5_000,
          receivedAt: RECEIVED,
          source: 'segment',
          properties: { revenue: 42.5, products: ['{"sku":"a"}'], shop: '{"id":1}' },
        },
      ],
      dead: [],
      dropped: {},
      crcMismatches: 0,
    });
  });

  it.each<[string, JsonObject, string, JsonObject]>([
    [
      'page is $pageview with the presets of a page',
      {
        type: 'page',
        name: 'Cart',
        category: 'Shop',
        properties: {
          url: 'https://shop.example/cart?a=1',
          path: '/cart',
          referrer: '',
          title: 'Cart',
          search: '?a=1',
        },
      },
      '$pageview',
      {
        name: 'Cart',
        category: 'Shop',
        $url: 'https://shop.example/cart?a=1',
        $url_path: '/cart',
        $referrer: '',
        $title: 'Cart',
        search: '?a=1',
      },
    ],
    [
      'screen is $AppViewScreen with the name of the screen',
      { type: 'screen', name: 'Home', properties: { tab: 2 } },
      '$AppViewScreen',
      { $screen_name: 'Home', tab: 2 },
    ],
  ])('%s', (_name, change, event, properties) => {
    expect(recordOf(change)).toMatchObject({ type: 'track', event, properties });
  });

  it('identify changes the profile', () => {
    const call = {
      type: 'identify',
      event: null,
      traits: { email: 'ada@example.com', 'plan name': 'pro', age: null },
    };
    expect(decode(aCall(call)).records).toMatchObject([
      {
        type: 'profile_set',
        event: '',
        distinctId: 'u1',
        properties: { email: 'ada@example.com', plan_name: 'pro' },
      },
    ]);
  });

  it('identify with both ids joins them first', () => {
    const { records } = decode(aCall({ type: 'identify', anonymousId: 'd1', traits: {} }));
    expect(records).toMatchObject([
      {
        type: 'identify',
        event: '$Identify',
        distinctId: 'u1',
        originalId: 'd1',
        identities: { $identity_login_id: 'u1', $identity_anonymous_id: 'd1' },
      },
      { type: 'profile_set', event: '' },
    ]);
    expect(records[0]?.eventId).not.toBe(records[1]?.eventId);
  });

  it('alias joins the id before and the id now', () => {
    expect(recordOf({ type: 'alias', previousId: 'd1' })).toMatchObject({
      type: 'identify',
      event: '$Identify',
      distinctId: 'u1',
      originalId: 'd1',
      identities: { $identity_login_id: 'u1', $identity_anonymous_id: 'd1' },
    });
  });

  it('group becomes properties of the user', () => {
    expect(
      recordOf({ type: 'group', groupId: 'g1', traits: { name: 'Acme', 'plan name': 'pro' } }),
    ).toMatchObject({
      type: 'profile_set',
      properties: { $group_id: 'g1', $group_name: 'Acme', $group_plan_name: 'pro' },
    });
  });

  it('tells its context as preset properties, which its own properties override', () => {
    const context = {
      ip: '203.0.113.7',
      userAgent: 'Mozilla/5.0',
      locale: 'zh-CN',
      timezone: 'Asia/Shanghai',
      campaign: { name: 'spring', source: 'mail', medium: 'email', term: 't', content: 'c' },
      app: { name: 'Shop', version: '2.1', build: '7', namespace: 'com.example.shop' },
      device: { id: 'dev-9', advertisingId: 'ad-1', manufacturer: 'Apple', model: 'iPhone', type: 'ios' },
      os: { name: 'iOS', version: '17' },
      library: { name: 'analytics-swift', version: '1.5.0' },
      page: { url: 'https://shop.example/', path: '/', referrer: 'https://search.example/', title: 'Shop' },
      screen: { width: 390, height: 844 },
      network: { wifi: true, carrier: 'X' },
      location: { city: 'Ghent', country: 'BE', region: 'Flanders', latitude: 51, longitude: 3.7 },
      groupId: 'g1',
      traits: { email: 'left out' },
    };
    const record = recordOf({ context, properties: { $title: 'own' } });
    expect(record.source).toBe('analytics-swift/1.5.0');
    expect(record.properties).toEqual({
      $ip: '203.0.113.7',
      $user_agent: 'Mozilla/5.0',
      $language: 'zh-CN',
      $timezone: 'Asia/Shanghai',
      $utm_campaign: 'spring',
      $utm_source: 'mail',
      $utm_medium: 'email',
      $utm_term: 't',
      $utm_content: 'c',
      $app_name: 'Shop',
      $app_version: '2.1',
      $app_build: '7',
      $app_id: 'com.example.shop',
      $device_id: 'dev-9',
      $idfa: 'ad-1',
      $manufacturer: 'Apple',
      $model: 'iPhone',
      $os: 'iOS',
      $os_version: '17',
      $lib: 'analytics-swift',
      $lib_version: '1.5.0',
      $url: 'https://shop.example/',
      $url_path: '/',
      $referrer: 'https://search.example/',
      $title: 'own',
      $screen_width: 390,
      $screen_height: 844,
      $wifi: true,
      $carrier: 'X',
      $city: 'Ghent',
      $country: 'BE',
      $province: 'Flanders',
      $latitude: 51,
      $longitude: 3.7,
      $group_id: 'g1',
    });
  });

  it.each<[string, JsonObject, string | undefined]>([
    ['a device', { device: { type: 'android' } }, '203.0.113.9'],
    ['a browser', { userAgent: 'Mozilla/5.0' }, '203.0.113.9'],
    ['a server that reports about its users', { library: { name: 'analytics-python' } }, undefined],
  ])('of %s has $ip %#', (_name, context, ip) => {
    expect(recordOf({ context }).properties['$ip']).toBe(ip);
  });

  it('names properties that cannot be stored', () => {
    const { records, dropped } = decode(aCall({ properties: { 价格: 1, a: 1 } }));
    expect(records[0]?.properties).toEqual({ a: 1, $illegal_keys: ['价格'] });
    expect(dropped).toEqual({ illegal_property: 1 });
  });

  it.each<[string, JsonObject, number, number | null]>([
    ['is taken from a right clock', { sentAt: new Date(RECEIVED - 2_000).toISOString() }, -5_000, -5_000],
    [
      'moves with a clock that is an hour behind',
      {
        timestamp: new Date(RECEIVED - 3_605_000).toISOString(),
        sentAt: new Date(RECEIVED - 3_600_000).toISOString(),
      },
      -5_000,
      -3_605_000,
    ],
    [
      'is taken from what the client wrote first',
      {
        timestamp: new Date(RECEIVED).toISOString(),
        originalTimestamp: new Date(RECEIVED - 9_000).toISOString(),
      },
      -9_000,
      -9_000,
    ],
    ['is that of receiving where there is none', { timestamp: null }, 0, null],
  ])('has a time that %s', (_name, change, time, clientTime) => {
    expect(recordOf(change)).toMatchObject({
      time: RECEIVED + time,
      clientTime: clientTime === null ? null : RECEIVED + clientTime,
    });
  });

  it('has one id however often it is sent', () => {
    const id = recordOf({ sentAt: new Date(RECEIVED).toISOString() }).eventId;
    expect(recordOf({ sentAt: new Date(RECEIVED - 1).toISOString() }).eventId).toBe(id);
    expect(recordOf({ messageId: 'm2' }).eventId).not.toBe(id);
    const withoutId = { messageId: null, properties: { a: 1 } };
    expect(recordOf({ ...withoutId, sentAt: 'x' }).eventId).toBe(
      recordOf({ ...withoutId, writeKey: 'k' }).eventId,
    );
    expect(recordOf(withoutId).eventId).not.toBe(recordOf({ ...withoutId, properties: {} }).eventId);
  });

  it.each<[string, JsonObject, string]>([
    ['without a type', { type: null }, 'not_a_record'],
    ['of a type that nobody knows', { type: 'wave' }, 'unknown_record_type'],
    ['of nobody', { userId: null }, 'missing_distinct_id'],
    ['of somebody who cannot be stored', { userId: { a: 1 } }, 'invalid_name'],
    ['track without an event', { event: '' }, 'missing_event_name'],
    ['track of an event of ours', { event: '$MessageSent' }, 'invalid_name'],
    ['with a timestamp that is none', { timestamp: 'yesterday' }, 'invalid_time'],
    ['from ten years ago', { timestamp: '2016-01-01T00:00:00Z' }, 'time_too_old'],
    ['alias without the id before', { type: 'alias' }, 'missing_distinct_id'],
    [
      'alias without the id now',
      { type: 'alias', userId: null, anonymousId: 'd', previousId: 'p' },
      'missing_distinct_id',
    ],
  ])('%s is a dead letter', (_name, change, reason) => {
    const { records, dead } = decode(aCall(change));
    expect(records).toEqual([]);
    expect(dead).toMatchObject([{ reason }]);
    expect(JSON.parse(String(dead[0]?.payload))).toMatchObject({ messageId: 'm1' });
  });
});

describe('a batch of Segment', () => {
  it('gives its calls in order, with its context and its time of sending', () => {
    const hourAgo = (ms: number) => new Date(RECEIVED - 3_600_000 - ms).toISOString();
    const { records } = segmentFormat.decode(
      {
        ...anEnvelope(''),
        body: gzipSync(
          JSON.stringify({
            sentAt: hourAgo(0),
            context: { locale: 'de', os: { name: 'Linux' } },
            batch: [
              aCall({ timestamp: hourAgo(10) }),
              aCall({ messageId: 'm2', event: 'B', context: { locale: 'fr' } }),
            ],
          }),
        ),
      },
      CONTEXT,
    );
    expect(records).toMatchObject([
      { event: 'Order Completed', time: RECEIVED - 10, properties: { $language: 'de', $os: 'Linux' } },
      { event: 'B', properties: { $language: 'fr', $os: 'Linux' } },
    ]);
  });

  it('keeps its good calls beside its bad ones, and names those that are too many', () => {
    const { records, dead } = decode({ batch: [aCall(), 7, null, aCall({ messageId: 'm2' })] });
    expect(records).toHaveLength(1);
    expect(dead.map(({ reason }) => reason)).toEqual(['not_a_record', 'not_a_record', 'too_many_records']);
  });

  it.each([
    ['nothing', '', 'no_payload'],
    ['broken JSON', '{', 'invalid_json'],
    ['a list', '[]', 'not_a_record'],
  ])('of %s is a dead letter', (_name, body, reason) => {
    expect(decode(body).dead).toMatchObject([{ reason }]);
  });
});
