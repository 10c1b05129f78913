import type { Envelope } from '../../../kernel/event.js';
import type { JsonObject } from '../../../kernel/json.js';
import { EMPTY_KEY_RING } from '../../core/encryption/key-ring.js';
import { jsonFormat } from './json.format.js';

const RECEIVED = Date.UTC(2026, 4, 1, 12);
const CONTEXT = {
  keys: EMPTY_KEY_RING,
  timeWindow: { lateMs: 731 * 86_400_000, futureMs: 3_600_000 },
  inflatedBytes: 1_000_000,
  recordsPerRequest: 5,
};
const decode = (body: unknown, change: Partial<Envelope> = {}) =>
  jsonFormat.decode(
    {
      source: 'json',
      projectId: 1,
      receivedAt: RECEIVED,
      ip: '203.0.113.9',
      userAgent: 'test',
      query: '',
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      ...change,
    },
    CONTEXT,
  );
const anEvent = (change: JsonObject = {}): JsonObject => ({
  event: 'Order Completed',
  user_id: 'u1',
  ...change,
});
const recordOf = (change: JsonObject, query = '') => {
  const { records, dead } = decode(anEvent(change), { query });
  if (!records[0]) throw new Error(JSON.stringify(dead));
  return records[0];
};
const key = (text: string) => `idempotency-key=${text}&`;

describe('an entry of the plain JSON API', () => {
  it('is an event', () => {
    const time = new Date(RECEIVED - 1_000).toISOString();
    expect(recordOf({ time, properties: { amount: 42, a: { b: 1 }, tags: ['x', 1], none: null } })).toEqual({
      eventId: expect.stringMatching(/^[0-9a-f]{32}$/),
      projectId: 1,
      type: 'track',
      event: 'Order Completed',
      distinctId: 'u1',
      identities: { $identity_login_id: 'u1', $identity_anonymous_id: 'u1' },
      originalId: null,
      time: RECEIVED - 1_000,
      clientTime: RECEIVED - 1_000,
      receivedAt: RECEIVED,
      source: 'json',
      properties: { amount: 42, a: '{"b":1}', tags: ['x', '1'] },
    });
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['milliseconds', { time: RECEIVED - 1 }, { time: RECEIVED - 1 }],
    ['seconds', { time: RECEIVED / 1_000 - 1 }, { time: RECEIVED - 1_000 }],
    ['no time', {}, { time: RECEIVED, clientTime: null }],
    ['a time of long ago', { time: '2005-01-01T00:00:00Z', time_free: true }, { time: Date.UTC(2005, 0, 1) }],
    ['a device', { user_id: undefined as never, distinct_id: 'd1' }, { distinctId: 'd1' }],
    [
      'an identity',
      { user_id: undefined as never, identities: { $identity_email: 'a@example.com' } },
      { identities: { $identity_email: 'a@example.com' } },
    ],
    [
      'a join',
      { type: 'identify', event: undefined as never, distinct_id: 'd1' },
      { type: 'identify', event: '$Identify', originalId: 'd1' },
    ],
    [
      'an unbind',
      { type: 'unbind', event: undefined as never, identities: { $identity_email: 'a@example.com' } },
      { type: 'unbind', event: '$UnbindID', identities: { $identity_email: 'a@example.com' } },
    ],
  ])('may have %s', (_name, change, expected) => {
    expect(recordOf(change)).toMatchObject(expected);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['profile_set', { city: 'Ghent' }, { city: 'Ghent' }],
    ['profile_set_once', { city: 'Ghent' }, { city: 'Ghent' }],
    ['profile_increment', { visits: 1 }, { visits: 1 }],
    ['profile_append', { tags: ['a'], one: 'b' }, { tags: ['a'], one: ['b'] }],
    ['profile_unset', { city: true, zip: null }, { city: true, zip: true }],
    ['profile_delete', { city: 'Ghent' }, {}],
  ])('may be a %s', (type, properties, expected) => {
    expect(recordOf({ type, event: undefined as never, properties })).toMatchObject({
      type,
      event: '',
      properties: expected,
    });
  });

  it.each<[string, JsonObject, string, string]>([
    ['a field that nobody knows', { userId: 'u1' }, '/userId', 'unknown_field'],
    ['a type that nobody knows', { type: 'wave' }, '/type', 'unknown_record_type'],
    ['no event', { event: '' }, '/event', 'missing_event_name'],
    ['an event of ours', { event: '$MessageSent' }, '/event', 'invalid_name'],
    ['an event on a profile', { type: 'profile_set' }, '/event', 'unknown_field'],
    ['nobody', { user_id: undefined as never }, '', 'missing_distinct_id'],
    ['a user that cannot be stored', { user_id: '' }, '/user_id', 'invalid_value'],
    ['identities that are no object', { identities: [] }, '/identities', 'invalid_value'],
    [
      'an identity of ours',
      { identities: { $rekindle_user: '5' } },
      '/identities/$rekindle_user',
      'invalid_name',
    ],
    [
      'an identity without a value',
      { identities: { $identity_email: '' } },
      '/identities/$identity_email',
      'invalid_value',
    ],
    ['an unbind of nothing', { type: 'unbind' }, '/identities', 'missing_distinct_id'],
    ['an event id that is none', { event_id: {} }, '/event_id', 'invalid_value'],
    ['a time that is none', { time: 'yesterday' }, '/time', 'invalid_time'],
    ['a time of tomorrow', { time: RECEIVED + 86_400_000 }, '/time', 'time_too_far_ahead'],
    ['a flag that is none', { time_free: 1 }, '/time_free', 'invalid_value'],
    ['properties that are no object', { properties: 'x' }, '/properties', 'invalid_value'],
    [
      'a property with an illegal name',
      { properties: { 'a/b~c': 1 } },
      '/properties/a~1b~0c',
      'invalid_name',
    ],
    [
      'an increment that is no number',
      { type: 'profile_increment', event: undefined as never, properties: { n: 'x' } },
      '/properties/n',
      'invalid_value',
    ],
  ])('is refused for %s', (_name, change, pointer, reason) => {
    const { records, dead } = decode(anEvent(change));
    expect(records).toEqual([]);
    expect(dead).toMatchObject([{ reason, at: { index: 0, pointer } }]);
  });

  it('is known by its event id', () => {
    const id = recordOf({ event_id: 'e1', time: RECEIVED }).eventId;
    expect(recordOf({ event_id: 'e1', time: RECEIVED - 5 }).eventId).toBe(id);
    expect(recordOf({ event_id: 'e2', time: RECEIVED }).eventId).not.toBe(id);
    expect(recordOf({ event_id: 'e1', time: RECEIVED }, key('k')).eventId).toBe(id);
  });

  it('is known by the Idempotency-Key, its place and what it says', () => {
    const ids = (query: string, body: unknown) =>
      decode(body, { query, receivedAt: RECEIVED }).records.map(({ eventId }) => eventId);
    const twins = [anEvent(), anEvent()];
    const [first, second] = ids(key('k'), twins);
    expect(first).not.toBe(second);
    expect(
      decode(twins, { query: key('k'), receivedAt: RECEIVED + 9_000 }).records.map(({ eventId }) => eventId),
    ).toEqual([first, second]);
    expect(ids(key('other'), twins)).not.toContain(first);
    expect(ids(key('k'), [anEvent({ properties: { n: 1 } })])).not.toContain(first);
  });
});

describe('a request of the plain JSON API', () => {
  it.each<[string, unknown, string[]]>([
    ['one record', anEvent({ event: 'A' }), ['A']],
    ['a list', [anEvent({ event: 'A' }), anEvent({ event: 'B' })], ['A', 'B']],
    ['a list with a name', { events: [anEvent({ event: 'A' })] }, ['A']],
    [
      'lines',
      `\n${JSON.stringify(anEvent({ event: 'A' }))}\r\n\n${JSON.stringify(anEvent({ event: 'B' }))}\n`,
      ['A', 'B'],
    ],
  ])('holds %s', (_name, body, expected) => {
    const { records, dead } = decode(body);
    expect(records.map(({ event }) => event)).toEqual(expected);
    expect(dead).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['a record', anEvent({ time: 'x' }), '/time'],
    ['a list', [anEvent({ time: 'x' })], '/0/time'],
    ['a list with a name', { events: [anEvent({ time: 'x' })] }, '/events/0/time'],
    ['lines', `${JSON.stringify(anEvent({ time: 'x' }))}\n${JSON.stringify(anEvent())}`, '/0/time'],
  ])('points at what is wrong in %s', (_name, body, pointer) => {
    expect(decode(body).dead).toMatchObject([{ reason: 'invalid_time', at: { index: 0, pointer } }]);
  });

  it('keeps good lines beside broken ones', () => {
    const { records, dead } = decode(`${JSON.stringify(anEvent())}\n{"event":\nnull`);
    expect(records).toHaveLength(1);
    expect(dead).toMatchObject([
      { reason: 'invalid_json', at: { index: 1, pointer: '/1' } },
      { reason: 'not_a_record', at: { index: 2, pointer: '/2' } },
    ]);
  });

  it('tags its events', () => {
    const body = { remark: 'beta', events: [anEvent(), anEvent({ properties: { $remark: 'own' } })] };
    expect(decode(body).records.map(({ properties }) => properties['$remark'])).toEqual(['beta', 'own']);
  });

  it.each<[string, unknown, string]>([
    ['nothing', '', 'no_payload'],
    ['an empty list', [], 'no_payload'],
    ['broken JSON', '{"event":', 'invalid_json'],
    ['a text', '"x"', 'invalid_json'],
    ['a list that is none', { events: 7 }, 'invalid_value'],
    ['a remark that is none', { events: [], remark: 7 }, 'invalid_value'],
    ['a field beside the list', { events: [anEvent()], project: 'x' }, 'unknown_field'],
    ['too many records', new Array(6).fill(anEvent()), 'too_many_records'],
  ])('is refused as a whole for %s', (_name, body, reason) => {
    const whole = decode(body).dead.filter(({ at }) => at === undefined);
    expect(whole).toMatchObject([{ reason }]);
  });
});
