import fc from 'fast-check';
import { SYSTEM_EVENTS } from '../../kernel/event.js';
import type { Json, JsonObject } from '../../kernel/json.js';
import { type RecordContext, toRecord } from './to-record.js';

const RECEIVED = Date.UTC(2026, 4, 1, 12);
const CONTEXT: RecordContext = {
  projectId: 1,
  receivedAt: RECEIVED,
  timeWindow: { lateMs: 731 * 86_400_000, futureMs: 3_600_000 },
  projectSlug: 'default',
  hasCrcMismatch: false,
  ip: '',
};

const aTrack = (change: JsonObject = {}): JsonObject => ({
  type: 'track',
  event: 'ViewItem',
  distinct_id: 'dev-1',
  _track_id: 123,
  time: RECEIVED - 1_000,
  lib: { $lib: 'js', $lib_version: '1.27.11', $lib_method: 'code', $app_version: '2.0', $lib_detail: 'x' },
  properties: { price: 5 },
  ...change,
});

const recordOf = (raw: Json, context: Partial<RecordContext> = {}) => {
  const outcome = toRecord(structuredClone(raw), { ...CONTEXT, ...context });
  if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome));
  return outcome.record;
};

describe('toRecord', () => {
  it('decodes an event of the Web SDK', () => {
    expect(recordOf(aTrack())).toEqual({
      eventId: expect.stringMatching(/^[0-9a-f]{32}$/),
      projectId: 1,
      type: 'track',
      event: 'ViewItem',
      distinctId: 'dev-1',
      identities: { $identity_anonymous_id: 'dev-1' },
      originalId: null,
      time: RECEIVED - 1_000,
      clientTime: RECEIVED - 1_000,
      receivedAt: RECEIVED,
      source: 'js/1.27.11',
      properties: { price: 5, $lib: 'js', $lib_version: '1.27.11', $lib_method: 'code', $app_version: '2.0' },
    });
  });

  it.each([
    ['track', 'track', 'ViewItem'],
    ['track_signup', 'identify', '$SignUp'],
    ['track_id_bind', 'identify', '$BindID'],
    ['track_id_unbind', 'unbind', '$UnbindID'],
    ['profile_set', 'profile_set', ''],
    ['profile_set_once', 'profile_set_once', ''],
    ['profile_increment', 'profile_increment', ''],
    ['profile_append', 'profile_append', ''],
    ['profile_unset', 'profile_unset', ''],
    ['profile_delete', 'profile_delete', ''],
  ])('knows records of type %s', (type, expected, event) => {
    const { event: _event, ...raw } = aTrack({ type });
    const record = recordOf(type === 'track' ? aTrack() : raw);
    expect(record).toMatchObject({ type: expected, event });
  });

  it.each(['item_set', 'item_delete'] as const)('takes %s, which has no person', (type) => {
    const raw = { type, item_type: 'book', item_id: '1' };
    expect(toRecord(raw, CONTEXT)).toEqual({
      kind: 'item',
      item: { projectId: CONTEXT.projectId, type, itemType: 'book', itemId: '1', properties: {} },
      refusedProperties: 0,
    });
    expect(toRecord({ ...raw, project: 'another' }, CONTEXT)).toMatchObject({ reason: 'unknown_project' });
  });

  it.each([
    ['a number', 5, 'not_a_record'],
    ['null', null, 'not_a_record'],
    ['a list', [], 'not_a_record'],
    ['an empty object', {}, 'not_a_record'],
    ['a type that nobody knows', aTrack({ type: 'track_everything' }), 'unknown_record_type'],
    ['a type out of the prototype', aTrack({ type: 'constructor' }), 'unknown_record_type'],
    ['properties that are a text', aTrack({ properties: 'x' }), 'not_a_record'],
    ['no person', aTrack({ distinct_id: '' }), 'missing_distinct_id'],
    ['a person that is an object', aTrack({ distinct_id: {} }), 'invalid_name'],
    ['a person of 256 characters', aTrack({ distinct_id: 'x'.repeat(256) }), 'invalid_name'],
    ['a person that no database keeps', aTrack({ distinct_id: 'x\u0000' }), 'invalid_name'],
    ['no event', aTrack({ event: '' }), 'missing_event_name'],
    ['an event with a space', aTrack({ event: 'View item' }), 'invalid_name'],
    ['an event of 101 characters', aTrack({ event: 'x'.repeat(101) }), 'invalid_name'],
    ['an event that only Rekindle records', aTrack({ event: SYSTEM_EVENTS.messageOpened }), 'invalid_name'],
    ['a login that poses as such', aTrack({ type: 'track_signup', event: '$LinkClicked' }), 'invalid_name'],
    ['an absurd time', aTrack({ time: 99_999_999_999_999 }), 'invalid_time'],
    ['another project', aTrack({ project: 'other' }), 'unknown_project'],
    ['another project in its properties', aTrack({ properties: { $project: 'other' } }), 'unknown_project'],
  ])('refuses %s', (_name, raw, reason) => {
    expect(toRecord(raw, CONTEXT)).toMatchObject({ kind: 'dead', reason });
  });

  it('accepts any project in a replay, which goes where a person chose', () => {
    expect(recordOf(aTrack({ project: 'other' }), { projectSlug: null }).projectId).toBe(1);
  });

  it('lifts $project, $token and $time out of the properties', () => {
    const record = recordOf(
      aTrack({
        properties: { a: 1, $project: 'default', $token: 'secret', $time: RECEIVED - 9_000 },
        lib: {},
      }),
    );
    expect(record).toMatchObject({ time: RECEIVED - 9_000, properties: { a: 1 } });
    expect(Object.keys(record.properties)).toEqual(['a']);
  });

  it('takes a login of an old SDK for what it is', () => {
    const raw = aTrack({ type: 'track_signup', event: '$SignUp', distinct_id: 'u1', original_id: 'dev-1' });
    expect(recordOf(raw)).toMatchObject({
      identities: { $identity_login_id: 'u1', $identity_anonymous_id: 'u1' },
      originalId: 'dev-1',
    });
  });

  it.each([
    ['$is_login_id', { properties: { $is_login_id: true } }],
    ['login_id', { login_id: 'dev-1' }],
  ])('takes the distinct id for a login id where %s says so', (_name, change) => {
    expect(recordOf(aTrack(change)).identities).toEqual({
      $identity_login_id: 'dev-1',
      $identity_anonymous_id: 'dev-1',
    });
  });

  it('never believes a client that names a person by our own number', () => {
    const raw = aTrack({ identities: { $rekindle_user: '5', $identity_cookie_id: 'c' } });
    expect(recordOf(raw).identities).toEqual({ $identity_cookie_id: 'c', $identity_anonymous_id: 'dev-1' });
  });

  it('keeps a profile free of what belongs to the sending', () => {
    const raw = aTrack({ type: 'profile_set', properties: { name: 'Ann', $is_login_id: true, 商品: 1 } });
    expect(recordOf(raw).properties).toEqual({ name: 'Ann' });
  });

  it('names the properties that it left out of an event', () => {
    const outcome = toRecord(aTrack({ properties: { 商品: 1, ok: 1 }, lib: {} }), CONTEXT);
    expect(outcome).toMatchObject({
      refusedProperties: 1,
      record: { properties: { ok: 1, $illegal_keys: ['商品'] } },
    });
  });

  it('marks the events of a payload with a wrong checksum', () => {
    expect(recordOf(aTrack(), { hasCrcMismatch: true }).properties['$crc_mismatch']).toBe(true);
  });

  it('takes an empty list for empty properties, as PHP writes them', () => {
    expect(recordOf(aTrack({ properties: [], lib: {} })).properties).toEqual({});
  });

  it('gives the same id to a record sent again later', () => {
    const first = recordOf(aTrack({ _flush_time: RECEIVED - 500 }));
    const again = recordOf(aTrack({ _flush_time: RECEIVED + 60_000 }), { receivedAt: RECEIVED + 60_500 });
    expect(again.eventId).toBe(first.eventId);
  });

  it('gives the same id to a record without track id sent again', () => {
    const { _track_id, ...raw } = aTrack();
    const first = recordOf({ ...raw, _flush_time: 1 });
    const again = recordOf({ ...raw, _flush_time: 2 }, { receivedAt: RECEIVED + 5 });
    expect(again.eventId).toBe(first.eventId);
  });

  it('takes records without track id and time for two, when they come at two moments', () => {
    const { time: _time, _track_id, ...raw } = aTrack();
    const first = recordOf(raw);
    expect(recordOf(raw).eventId).toBe(first.eventId);
    expect(recordOf(raw, { receivedAt: RECEIVED + 5 }).eventId).not.toBe(first.eventId);
  });

  it('ends in a record or a reason, whatever the fields hold', () => {
    const value = fc.oneof(
      fc.jsonValue({ stringUnit: 'binary' }),
      fc.constantFrom('track', 'profile_set', 'ViewItem', 1.7e12),
    );
    const raw = fc.dictionary(
      fc.constantFrom(
        'type',
        'event',
        'distinct_id',
        'time',
        'properties',
        'identities',
        'lib',
        '_track_id',
        'project',
        'original_id',
        '_flush_time',
        'login_id',
        '__proto__',
      ),
      value,
    );
    fc.assert(
      fc.property(raw, (record) => {
        const outcome = toRecord(JSON.parse(JSON.stringify(record)), CONTEXT);
        expect(['ok', 'dead', 'drop']).toContain(outcome.kind);
      }),
      { numRuns: 1_000 },
    );
  });
});
