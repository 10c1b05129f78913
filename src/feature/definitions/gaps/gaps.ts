import { defineFeatureFamily, last, measured, overWindows } from '../../core/feature-family.js';

const DAYS = [30, 60, 90];

export const gaps = defineFeatureFamily({
  name: 'gaps',
  description: 'Days from one active day to the next, and how the present silence compares.',
  features: () => [
    ...overWindows('gap_mean', DAYS, (days) => ({
      description: `Mean gap between active days of the last ${days} days.`,
      value: measured({ fn: 'gap', stat: 'mean' }, last(days)),
    })),
    ...overWindows('gap_stddev', DAYS, (days) => ({
      description: `Spread (sample standard deviation) of the gaps between active days of the last ${days} days.`,
      value: measured({ fn: 'gap', stat: 'stddev' }, last(days)),
    })),
    ...overWindows('gap_max', DAYS, (days) => ({
      description: `Longest gap between active days of the last ${days} days.`,
      value: measured({ fn: 'gap', stat: 'max' }, last(days)),
    })),
    ...overWindows('gap_current_ratio', DAYS, (days) => ({
      description: `Days since the last active day by the user's mean gap, of the last ${days} days: above 1 is overdue.`,
      value: measured({ fn: 'gap', stat: 'current_ratio' }, last(days)),
    })),
  ],
});
