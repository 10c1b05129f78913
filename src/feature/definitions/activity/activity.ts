import {
  counted,
  defineFeatureFamily,
  last,
  measured,
  overWindows,
  ratio,
  WINDOWS,
} from '../../core/feature-family.js';

export const activity = defineFeatureFamily({
  name: 'activity',
  description: 'How much a user does, and on how many days.',
  features: () => [
    ...overWindows('events', WINDOWS, (days) => ({
      description: `Own events of the last ${days} days.`,
      value: counted(last(days)),
    })),
    ...overWindows('active_days', WINDOWS.slice(1), (days) => ({
      description: `Days of the last ${days} with an own event.`,
      value: measured({ fn: 'active_days' }, last(days)),
    })),
    ...overWindows('events_per_active_day', [7, 30, 90], (days) => ({
      description: `Own events per active day of the last ${days} days.`,
      value: ratio(counted(last(days)), measured({ fn: 'active_days' }, last(days))),
    })),
    ...overWindows('streak', [7, 14, 30, 90], (days) => ({
      description: `Most active days in a row within the last ${days} days.`,
      value: measured({ fn: 'streak' }, last(days)),
    })),
    ...overWindows('app_starts', [7, 30, 90], (days) => ({
      description: `Starts of the app ($AppStart) in the last ${days} days.`,
      value: counted(last(days), { event: '$AppStart' }),
    })),
  ],
});
