import { evaluateFunnel, type PersonHistory } from './evaluate-funnel.js';
import { FUNNEL_QUERY } from './funnel-query.js';
import { median } from './median.js';

const MINUTE = 60_000;
const SPAN = { fromMs: 100 * MINUTE, toMs: 200 * MINUTE };

function person(...events: [minute: number, event: string, channel?: string][]): PersonHistory {
  return {
    profile: {},
    events: events.map(([minute, event, channel]) => ({
      event,
      time: minute * MINUTE,
      properties: channel === undefined ? {} : { channel },
    })),
  };
}

function reached(steps: string[], events: PersonHistory, more: object = {}) {
  const query = FUNNEL_QUERY.parse({
    steps: steps.map((event) => ({ event })),
    range: { last: { days: 1 } },
    window: { minutes: 30 },
    ...more,
  });
  return evaluateFunnel(query, [events], SPAN);
}

describe('A funnel', () => {
  it.each<[string, string[], PersonHistory, number[]]>([
    ['needs its order', ['view', 'pay'], person([110, 'pay'], [120, 'view']), [1, 0]],
    [
      'lets other events come between',
      ['view', 'pay'],
      person([110, 'view'], [115, 'cart'], [120, 'pay']),
      [1, 1],
    ],
    [
      'takes events of the same moment as in order',
      ['view', 'pay'],
      person([110, 'pay'], [110, 'view']),
      [1, 1],
    ],
    ['holds the last moment of its window', ['view', 'pay'], person([110, 'view'], [140, 'pay']), [1, 1]],
    ['ends with its window', ['view', 'pay'], person([110, 'view'], [141, 'pay']), [1, 0]],
    [
      'counts its window from the first step',
      ['view', 'cart', 'pay'],
      person([110, 'view'], [135, 'cart'], [145, 'pay']),
      [1, 1, 0],
    ],
    [
      'is tried anew from every first step',
      ['view', 'pay'],
      person([110, 'view'], [130, 'view'], [150, 'pay']),
      [1, 1],
    ],
    ['may end behind the range', ['view', 'pay'], person([199, 'view'], [210, 'pay']), [1, 1]],
    ['begins within the range', ['view', 'pay'], person([99, 'view'], [110, 'pay'], [200, 'view']), [0, 0]],
    ['takes no event for two steps', ['view', 'view'], person([110, 'view']), [1, 0]],
    [
      'takes a later event for a step that comes again',
      ['view', 'view'],
      person([110, 'view'], [111, 'view']),
      [1, 1],
    ],
    [
      'takes no event for two steps, also with another between',
      ['view', 'pay', 'view'],
      person([110, 'view'], [110, 'pay']),
      [1, 1, 0],
    ],
  ])('%s', (_case, steps, events, expected) => {
    expect(reached(steps, events).total.persons).toEqual(expected);
  });

  it('counts a person with the first of the attempts that get furthest', () => {
    const events = person(
      [110, 'view', 'web'],
      [150, 'view', 'ios'],
      [155, 'pay'],
      [160, 'view', 'web'],
      [161, 'pay'],
    );
    const table = reached(['view', 'pay'], events, { breakdown: { by: 'property', property: 'channel' } });
    expect(table.groups).toEqual([{ value: 'ios', persons: [1, 1], medianMs: [null, 5 * MINUTE] }]);
  });
});

describe('median', () => {
  it.each([
    [[], null],
    [[3], 3],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %p', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
