import {
  counted,
  defineFeatureFamily,
  last,
  lastBefore,
  measured,
  overWindows,
  ratio,
} from '../../core/feature-family.js';

export const trends = defineFeatureFamily({
  name: 'trends',
  description: 'Whether a user does more or less than before.',
  features: () => [
    ...overWindows('events_trend', [1, 3, 7, 14, 30], (days) => ({
      description: `Own events of the last ${days} days by those of the ${days} days before.`,
      value: ratio(counted(last(days)), counted(lastBefore(days))),
    })),
    ...overWindows('active_days_trend', [7, 14, 30], (days) => ({
      description: `Active days of the last ${days} days by those of the ${days} days before.`,
      value: ratio(
        measured({ fn: 'active_days' }, last(days)),
        measured({ fn: 'active_days' }, lastBefore(days)),
      ),
    })),
    ...overWindows('events_slope', [7, 14, 30, 90], (days) => ({
      description: `Change of the number of own events a day, per day, over the last ${days} days (least squares).`,
      value: measured({ fn: 'slope' }, last(days)),
    })),
  ],
});
