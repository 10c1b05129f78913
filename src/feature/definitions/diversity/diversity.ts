import { defineFeatureFamily, last, measured, overWindows, WINDOWS } from '../../core/feature-family.js';

export const diversity = defineFeatureFamily({
  name: 'diversity',
  description: 'How many different things a user does.',
  features: () => [
    ...overWindows('event_kinds', WINDOWS, (days) => ({
      description: `Different names among the own events of the last ${days} days.`,
      value: measured({ fn: 'distinct', over: 'event' }, last(days)),
    })),
    ...overWindows('event_entropy', [30, 90], (days) => ({
      description: `How evenly the own events of the last ${days} days spread over their names.`,
      value: measured({ fn: 'entropy', over: 'event' }, last(days)),
    })),
  ],
});
