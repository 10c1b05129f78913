import type { TrackedRecord } from '../../kernel/event.js';
import type { JsonObject } from '../../kernel/json.js';
import { DEFAULT_AD_EVENT_MAPPING } from './ad-event.js';
import { readArrival } from './read-arrival.js';

function aRecord(properties: JsonObject, overrides: Partial<TrackedRecord> = {}): TrackedRecord {
  return {
    eventId: 'e'.repeat(32),
    projectId: 1,
    type: 'track',
    event: '$AppInstall',
    distinctId: 'device-1',
    identities: {},
    originalId: null,
    time: 1_000,
    clientTime: 1_000,
    receivedAt: 1_000,
    source: 'Android/6.0.0',
    properties,
    userId: 7,
    ...overrides,
  };
}

const read = (properties: JsonObject, overrides: Partial<TrackedRecord> = {}) =>
  readArrival(aRecord(properties, overrides), 'activate', {
    mapping: DEFAULT_AD_EVENT_MAPPING,
    clickIdNames: ['bd_vid'],
  });
const idsOf = (properties: JsonObject, overrides: Partial<TrackedRecord> = {}) =>
  read(properties, overrides).deviceIds.map(({ kind, raw }) => `${kind}=${raw}`);

describe('readArrival', () => {
  it.each<[string, JsonObject, string[]]>([
    [
      'properties of its own',
      { $oaid: 'fake-oaid-1', $imei: '004999010640000' },
      ['oaid=fake-oaid-1', 'imei=004999010640000'],
    ],
    [
      'the list of the Android SDK',
      { $channel_device_info: 'android_id=fedcba9876543210##imei=##mac=02:00:00:00:00:00##oaid=fake-oaid-1' },
      ['android_id=fedcba9876543210', 'oaid=fake-oaid-1'],
    ],
    [
      'the list of the iOS SDK',
      { $ad_device_info: 'idfa=12345678-abcd-ef12-3456-7890abcdef12' },
      ['idfa=12345678-ABCD-EF12-3456-7890ABCDEF12'],
    ],
    ['a list that says nothing', { $channel_device_info: '1' }, []],
    ['$device_id of Android', { $device_id: 'fedcba9876543210' }, ['android_id=fedcba9876543210']],
    [
      '$device_id of iOS',
      { $device_id: '12345678-ABCD-EF12-3456-7890ABCDEF12' },
      ['idfa=12345678-ABCD-EF12-3456-7890ABCDEF12'],
    ],
    [
      'the same id twice',
      { $oaid: 'fake-oaid-1', $ad_device_info: 'oaid=FAKE-OAID-1' },
      ['oaid=fake-oaid-1'],
    ],
    ['the text NULL', { $oaid: 'NULL', $imei: '000000000000000' }, []],
  ])('reads device ids out of %s', (_, properties, ids) => {
    expect(idsOf(properties)).toEqual(ids);
  });

  it('reads the Android id out of the identities', () => {
    expect(idsOf({}, { identities: { $identity_android_id: 'fedcba9876543210' } })).toEqual([
      'android_id=fedcba9876543210',
    ]);
  });

  it.each<[string, JsonObject, string[]]>([
    ['our own id', { $ad_click_id: 'adc_1' }, ['adc_1']],
    ['a landing page', { $url: 'https://shop.example.com/?clickid=abc&bd_vid=d%20e' }, ['abc', 'd e']],
    ['a macro that was not replaced', { clickid: '__CLICKID__' }, []],
    ['a broken address', { $url: 'https://' }, []],
  ])('reads the click id out of %s', (_, properties, tokens) => {
    expect(read(properties).clickTokens).toEqual(tokens);
  });

  it('names every id of the person once', () => {
    const arrival = read(
      {},
      { originalId: 'anonymous-1', identities: { $identity_login_id: 'u1', a: 'device-1' } },
    );
    expect(arrival.aliases).toEqual(['device-1', 'anonymous-1', 'u1']);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', null],
    ['nonsense', null],
  ])('reads the address %s as %s', (ip, expected) => {
    expect(read({ $ip: ip }).ip).toBe(expected);
  });

  it('takes the amount of a payment from the property that the project names', () => {
    const mapping = { ...DEFAULT_AD_EVENT_MAPPING, payAmountProperty: 'amount' };
    const context = { mapping, clickIdNames: [] };
    expect(readArrival(aRecord({ amount: 12.5 }), 'pay', context).amount).toBe(12.5);
    expect(readArrival(aRecord({ amount: 'much' }), 'pay', context).amount).toBeNull();
    expect(readArrival(aRecord({ amount: 12.5 }), 'register', context).amount).toBeNull();
  });
});
