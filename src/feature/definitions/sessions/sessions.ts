import { defineFeatureFamily, last, measured, overWindows, WINDOWS } from '../../core/feature-family.js';

export const sessions = defineFeatureFamily({
  name: 'sessions',
  description: 'Own events at most 30 minutes apart are one session.',
  features: () => [
    ...overWindows('sessions', WINDOWS, (days) => ({
      description: `Sessions of the last ${days} days.`,
      value: measured({ fn: 'sessions', stat: 'count' }, last(days)),
    })),
    ...overWindows('session_minutes_mean', [7, 30, 90], (days) => ({
      description: `Mean minutes from the first to the last event of a session, in the last ${days} days.`,
      value: measured({ fn: 'sessions', stat: 'mean_minutes' }, last(days)),
    })),
    ...overWindows('session_events_mean', [7, 30, 90], (days) => ({
      description: `Mean events of a session, in the last ${days} days.`,
      value: measured({ fn: 'sessions', stat: 'mean_events' }, last(days)),
    })),
  ],
});
