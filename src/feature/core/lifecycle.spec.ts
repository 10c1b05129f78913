import {
  DEFAULT_LIFECYCLE,
  decideLifecycle,
  LIFECYCLE_THRESHOLDS,
  lifecycleCode,
  lifecycleLabel,
} from './lifecycle.js';

const steady = { daysSinceFirst: 200, daysSinceLast: 1, activeDays: 5, pauseDays: 2 };

describe('The lifecycle label', () => {
  it.each([
    ['new', 'who came this week', { daysSinceFirst: 3, activeDays: 3, pauseDays: null }],
    ['active', 'who comes now and then', {}],
    ['loyal', 'who comes on twelve days of thirty', { activeDays: 12 }],
    ['low_frequency', 'who comes on two days of thirty', { activeDays: 2 }],
    ['at_risk', 'silent for two weeks', { daysSinceLast: 14, activeDays: 12 }],
    ['dormant', 'silent for thirty days', { daysSinceLast: 30, activeDays: 0 }],
    ['lost', 'silent for ninety days', { daysSinceLast: 90, activeDays: 0 }],
    ['returned', 'back after a month of silence', { pauseDays: 30, activeDays: 1 }],
    ['new', 'who came this week, however often', { daysSinceFirst: 6.9, activeDays: 30 }],
  ] as const)('is %s for a user %s', (label, _, facts) => {
    expect(decideLifecycle({ ...steady, ...facts }, DEFAULT_LIFECYCLE)).toBe(label);
  });

  it('has a number from 1 on, and comes back from it', () => {
    expect(lifecycleCode('new')).toBe(1);
    expect(lifecycleLabel(8)).toBe('returned');
    expect(lifecycleLabel(null)).toBeNull();
  });

  it.each([
    ['lostDays before dormantDays', { lostDays: 20 }, 'dormantDays'],
    ['dormantDays before atRiskDays', { dormantDays: 14 }, 'atRiskDays'],
    ['loyal and low frequency at once', { lowActiveDays: 12 }, 'lowActiveDays'],
    ['a return that outlasts the pause', { returnedDays: 31 }, 'returnedDays'],
  ])('is not defined with %s', (_, given, field) => {
    expect(LIFECYCLE_THRESHOLDS.safeParse(given).error?.issues[0]?.path).toEqual([field]);
  });
});
