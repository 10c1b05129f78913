import { type Click, decideConversions } from './decide-conversions.js';
import { type KnownConversion, KnownConversions } from './known-conversions.js';
import { DEFAULT_MATCH_POLICY } from './match-attribution.js';
import { normaliseDeviceId } from './normalise-device-id.js';
import type { Arrival } from './read-arrival.js';

const NOW = Date.UTC(2026, 10, 20);
const OAID = normaliseDeviceId('oaid', 'fake-oaid-1')!;

function anArrival(overrides: Partial<Arrival> = {}): Arrival {
  const distinctId = overrides.distinctId ?? `device-of-${overrides.userId ?? 7}`;
  return {
    projectId: 1,
    userId: 7,
    eventId: 'event-1',
    event: '$AppStart',
    eventType: 'activate',
    distinctId,
    aliases: [distinctId],
    occurredAt: NOW,
    deviceIds: [OAID],
    clickTokens: [],
    ip: null,
    userAgent: null,
    device: null,
    amount: null,
    ...overrides,
  };
}

function aClick(overrides: Partial<Click> = {}): Click {
  return {
    clickId: 'adc_1',
    adLinkId: 'adl_1',
    network: 'ocean_engine',
    campaignId: null,
    adGroupId: null,
    creativeId: null,
    takenFor: [],
    clickedAt: NOW - 1_000,
    receivedAt: NOW - 1_000,
    windowMs: 86_400_000,
    deviceIds: [OAID],
    clickTokens: [],
    ip: null,
    userAgent: null,
    ...overrides,
  };
}

function aKnown(overrides: Partial<KnownConversion> = {}): KnownConversion {
  return {
    conversionId: 'cnv_1',
    projectId: 1,
    userId: 7,
    distinctId: 'device-of-7',
    eventType: 'activate',
    eventId: 'event-0',
    occurredAt: NOW - 500,
    matchedBy: null,
    click: null,
    ...overrides,
  };
}

const decide = (arrivals: Arrival[], known: KnownConversion[] = [], clicks: Click[] = [aClick()]) =>
  decideConversions(arrivals, new KnownConversions(known), {
    clicksOf: () => clicks,
    policy: DEFAULT_MATCH_POLICY,
    now: NOW,
  }).map(({ arrival, replaces, result }) => ({
    user: arrival.userId,
    type: arrival.eventType,
    replaces,
    outcome: result.kind === 'attributed' ? `${result.click.clickId} by ${result.matchedBy}` : result.reason,
  }));

describe('decideConversions', () => {
  it('decides an activation once', () => {
    expect(decide([anArrival()])).toEqual([
      { user: 7, type: 'activate', replaces: null, outcome: 'adc_1 by device_id' },
    ]);
    expect(decide([anArrival()], [aKnown()])).toEqual([]);
  });

  it('lets the install decide again where the first event found no click', () => {
    expect(decide([anArrival({ event: '$AppInstall' })], [aKnown()])).toEqual([
      { user: 7, type: 'activate', replaces: 'cnv_1', outcome: 'adc_1 by device_id' },
    ]);
    expect(decide([anArrival({ event: '$AppInstall' })], [aKnown()], [])).toEqual([]);
    const attributed = aKnown({ click: aClick(), matchedBy: 'device_id' });
    expect(decide([anArrival({ event: '$AppInstall' })], [attributed])).toEqual([]);
  });

  it('gives a payment to the click of the activation, in the same batch or long before', () => {
    const payment = anArrival({ eventType: 'pay', event: 'PayOrder', deviceIds: [] });
    const expected = { user: 7, type: 'pay', replaces: null, outcome: 'adc_1 by earlier_conversion' };
    expect(decide([anArrival(), payment])[1]).toEqual(expected);
    expect(decide([payment], [aKnown({ click: aClick(), matchedBy: 'device_id' })], [])).toEqual([expected]);
  });

  it('knows a user who was merged since by another id of the person', () => {
    const activation = aKnown({
      userId: 3,
      distinctId: 'anonymous-1',
      click: aClick(),
      matchedBy: 'device_id',
    });
    const signUp = anArrival({ eventType: 'register', event: '$SignUp', aliases: ['u1', 'anonymous-1'] });
    expect(decide([signUp], [activation], [])[0]?.outcome).toBe('adc_1 by earlier_conversion');
    expect(decide([anArrival({ aliases: ['u1', 'anonymous-1'] })], [activation])).toEqual([]);
  });

  it('gives a payment to the click of the sign-up where the activation found none', () => {
    const signUp = aKnown({
      conversionId: 'cnv_2',
      eventType: 'register',
      click: aClick(),
      matchedBy: 'click_id',
    });
    const payment = anArrival({ eventType: 'pay', event: 'PayOrder', deviceIds: [] });
    expect(decide([payment], [aKnown(), signUp], [])[0]?.outcome).toBe('adc_1 by earlier_conversion');
  });

  it('matches a payment by itself where the activation found no click', () => {
    const payment = anArrival({ eventType: 'pay', event: 'PayOrder' });
    expect(decide([payment], [aKnown()])[0]?.outcome).toBe('adc_1 by device_id');
  });

  it('lets a click earn each kind of conversion once, also within a batch', () => {
    const both = [anArrival(), anArrival({ userId: 8 })];
    expect(decide(both).map(({ outcome }) => outcome)).toEqual(['adc_1 by device_id', 'already_attributed']);
    expect(decide([anArrival()], [], [aClick({ takenFor: ['activate'] })])[0]?.outcome).toBe(
      'already_attributed',
    );
    const click = aClick({ takenFor: ['activate', 'pay'] });
    const activation = aKnown({ click, matchedBy: 'device_id' });
    expect(decide([anArrival({ eventType: 'pay' })], [activation])[0]?.outcome).toBe('already_attributed');
    expect(decide([anArrival({ eventType: 'register' })], [activation])[0]?.outcome).toBe(
      'adc_1 by earlier_conversion',
    );
  });
});
