import type { TrackedRecord } from '../../kernel/event.js';
import { DEFAULT_AD_EVENT_MAPPING } from './ad-event.js';
import { pickArrivals } from './pick-arrivals.js';

let number = 0;
function aRecord(event: string, overrides: Partial<TrackedRecord> = {}): TrackedRecord {
  number += 1;
  return {
    eventId: String(number),
    projectId: 1,
    type: event === '$SignUp' ? 'identify' : 'track',
    event,
    distinctId: 'd',
    identities: {},
    originalId: null,
    time: 1_000,
    clientTime: 1_000,
    receivedAt: 1_000,
    source: 'js/1',
    properties: {},
    userId: 7,
    ...overrides,
  };
}
const pick = (...records: TrackedRecord[]) =>
  pickArrivals(records, () => DEFAULT_AD_EVENT_MAPPING).map(
    ({ record, eventType }) => `${eventType}:${record.event}`,
  );

describe('pickArrivals', () => {
  it.each<[string, string[], string[]]>([
    ['the install before the start', ['view', '$AppStart', '$AppInstall'], ['activate:$AppInstall']],
    ['the start before other events', ['view', '$AppStart', 'view'], ['activate:$AppStart']],
    ['else the first event', ['first', 'second'], ['activate:first']],
    [
      'sign-up and payment after the activation',
      ['PayOrder', '$SignUp', 'PayOrder'],
      ['activate:PayOrder', 'pay:PayOrder', 'register:$SignUp'],
    ],
    ['no activation for a sign-up record alone', ['$SignUp'], ['register:$SignUp']],
    ['nothing for events of our own', ['$AdAttributed', '$MessageSent'], []],
  ])('picks %s', (_, events, expected) => {
    expect(pick(...events.map((event) => aRecord(event)))).toEqual(expected);
  });

  it('keeps users and projects apart', () => {
    expect(pick(aRecord('a'), aRecord('b', { userId: 8 }), aRecord('c', { projectId: 2 }))).toHaveLength(3);
  });

  it('ignores profile records', () => {
    expect(pick(aRecord('', { type: 'profile_set' }))).toEqual([]);
  });
});
