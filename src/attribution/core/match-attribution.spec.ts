import {
  type ArrivalTraits,
  type ClickCandidate,
  DEFAULT_MATCH_POLICY,
  matchAttribution,
} from './match-attribution.js';
import { type DeviceIdKind, md5Hex, normaliseDeviceId, normaliseHashedId } from './normalise-device-id.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const IDFA = '12345678-ABCD-EF12-3456-7890ABCDEF12';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15';

const raw = (kind: DeviceIdKind, text: string) => normaliseDeviceId(kind, text)!;
const hashed = (kind: DeviceIdKind, text: string) => normaliseHashedId(kind, md5Hex(text))!;

function anArrival(overrides: Partial<ArrivalTraits> = {}): ArrivalTraits {
  return {
    occurredAt: NOW,
    deviceIds: [],
    clickTokens: [],
    ip: null,
    userAgent: null,
    device: null,
    ...overrides,
  };
}

function aClick(overrides: Partial<ClickCandidate> = {}): ClickCandidate {
  const clickedAt = overrides.clickedAt ?? NOW - HOUR;
  return {
    clickId: 'adc_1',
    clickedAt,
    receivedAt: clickedAt,
    windowMs: 7 * DAY,
    deviceIds: [],
    clickTokens: [],
    ip: null,
    userAgent: null,
    isTaken: false,
    ...overrides,
  };
}

const match = (arrival: ArrivalTraits, ...clicks: ClickCandidate[]) =>
  matchAttribution(arrival, clicks, { policy: DEFAULT_MATCH_POLICY, now: NOW });

describe('matchAttribution', () => {
  it.each<[string, Partial<ArrivalTraits>, Partial<ClickCandidate>, string]>([
    ['a click id', { clickTokens: ['token-1'] }, { clickTokens: ['x', 'token-1'] }, 'click_id'],
    [
      'a raw OAID',
      { deviceIds: [raw('oaid', 'fake-oaid-1')] },
      { deviceIds: [raw('oaid', 'FAKE-OAID-1')] },
      'device_id',
    ],
    [
      'a raw IDFA',
      { deviceIds: [raw('idfa', IDFA)] },
      { deviceIds: [raw('idfa', IDFA.toLowerCase())] },
      'device_id',
    ],
    [
      'a hashed IDFA',
      { deviceIds: [raw('idfa', IDFA)] },
      { deviceIds: [hashed('idfa', IDFA)] },
      'hashed_device_id',
    ],
    [
      'a hashed OAID',
      { deviceIds: [raw('oaid', 'Fake-Oaid-1')] },
      { deviceIds: [hashed('oaid', 'Fake-Oaid-1')] },
      'hashed_device_id',
    ],
    [
      'a hashed IMEI',
      { deviceIds: [raw('imei', '004999010640000')] },
      { deviceIds: [hashed('imei', '004999010640000')] },
      'secondary_device_id',
    ],
    [
      'a hashed Android id',
      { deviceIds: [raw('android_id', 'fedcba9876543210')] },
      { deviceIds: [hashed('android_id', 'fedcba9876543210')] },
      'secondary_device_id',
    ],
    [
      'address and device traits',
      { ip: '192.0.2.1', device: { os: 'ios', osVersion: '17.2', model: 'iPhone99,9' } },
      { ip: '192.0.2.1', userAgent: IPHONE },
      'ip_user_agent',
    ],
    [
      'address and user agent',
      { ip: '192.0.2.1', userAgent: 'a browser' },
      { ip: '192.0.2.1', userAgent: 'a browser' },
      'ip_user_agent',
    ],
  ])('matches by %s', (_, arrival, click, matchedBy) => {
    expect(match(anArrival(arrival), aClick(click))).toEqual({
      kind: 'attributed',
      clickId: 'adc_1',
      matchedBy,
    });
  });

  it('prefers a surer match to a later click', () => {
    const arrival = anArrival({ deviceIds: [raw('oaid', 'fake-oaid-1'), raw('imei', '004999010640000')] });
    const sure = aClick({ clickId: 'sure', clickedAt: NOW - DAY, deviceIds: [raw('oaid', 'fake-oaid-1')] });
    const late = aClick({ clickId: 'late', deviceIds: [hashed('imei', '004999010640000')] });
    expect(match(arrival, late, sure)).toMatchObject({ clickId: 'sure' });
  });

  it('gives the arrival to the last click inside the window', () => {
    const deviceIds = [raw('oaid', 'fake-oaid-1')];
    const click = (clickId: string, clickedAt: number) => aClick({ clickId, clickedAt, deviceIds });
    const clicks = [click('old', NOW - 2 * DAY), click('last', NOW - HOUR), click('after', NOW + HOUR)];
    expect(match(anArrival({ deviceIds }), ...clicks)).toMatchObject({ clickId: 'last' });
  });

  it.each([
    ['exactly 7 days old', 7 * DAY, 'attributed'],
    ['a millisecond older than 7 days', 7 * DAY + 1, 'outside_window'],
    ['a minute after the arrival, as clocks differ', -60_000, 'attributed'],
    ['more than a minute after the arrival', -60_001, 'outside_window'],
  ])('judges a click that is %s', (_, ageMs, expected) => {
    const deviceIds = [raw('oaid', 'fake-oaid-1')];
    const found = match(
      anArrival({ deviceIds, occurredAt: NOW - DAY }),
      aClick({ clickedAt: NOW - DAY - ageMs, deviceIds }),
    );
    expect(found.kind === 'attributed' ? found.kind : found.reason).toBe(expected);
  });

  it('guesses by address for 24 hours only, whatever the window of the link', () => {
    const arrival = anArrival({ ip: '192.0.2.1', userAgent: 'a browser' });
    const click = aClick({ clickedAt: NOW - DAY - 1, ip: '192.0.2.1', userAgent: 'a browser' });
    expect(match(arrival, click)).toEqual({ kind: 'unattributed', reason: 'outside_window' });
  });

  it('does not guess by an address alone', () => {
    const arrival = anArrival({ ip: '192.0.2.1', userAgent: 'a browser' });
    expect(match(arrival, aClick({ ip: '192.0.2.1', userAgent: 'another' }))).toMatchObject({
      reason: 'no_candidate',
    });
  });

  it('counts an arrival from the future as one of now', () => {
    const deviceIds = [raw('oaid', 'fake-oaid-1')];
    expect(match(anArrival({ deviceIds, occurredAt: NOW + 30 * DAY }), aClick({ deviceIds }))).toMatchObject({
      kind: 'attributed',
    });
  });

  it('gives a device that earned its click already nothing, not even an older click', () => {
    const deviceIds = [raw('oaid', 'fake-oaid-1')];
    const taken = aClick({ clickId: 'taken', deviceIds, isTaken: true });
    const older = aClick({ clickId: 'older', deviceIds, clickedAt: NOW - DAY });
    expect(match(anArrival({ deviceIds }), taken, older)).toEqual({
      kind: 'unattributed',
      reason: 'already_attributed',
    });
  });

  it('lets another click behind a shared address earn the arrival', () => {
    const same = { ip: '192.0.2.1', userAgent: 'a browser' };
    const taken = aClick({ clickId: 'taken', ...same, isTaken: true });
    const other = aClick({ clickId: 'other', ...same, clickedAt: NOW - 2 * HOUR });
    expect(match(anArrival(same), taken, other)).toMatchObject({ clickId: 'other' });
  });

  it.each<[string, Partial<ArrivalTraits>, string]>([
    ['nothing to match by', {}, 'no_device_id'],
    ['an address without a device', { ip: '192.0.2.1' }, 'no_device_id'],
    ['an id that no click has', { deviceIds: [raw('oaid', 'fake-oaid-2')] }, 'no_candidate'],
  ])('says why an arrival with %s has no click', (_, arrival, reason) => {
    expect(match(anArrival(arrival), aClick({ deviceIds: [raw('oaid', 'fake-oaid-1')] }))).toEqual({
      kind: 'unattributed',
      reason,
    });
  });
});
