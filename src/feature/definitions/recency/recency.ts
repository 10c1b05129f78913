import { defineFeatureFamily, measured } from '../../core/feature-family.js';

export const recency = defineFeatureFamily({
  name: 'recency',
  description: 'How long a user has been here, and away.',
  features: () => [
    {
      name: 'days_since_first_event',
      description: 'Days from the first own event to the cutoff.',
      value: measured({ fn: 'days_since_first' }, 'all_time'),
    },
    {
      name: 'days_since_last_event',
      description: 'Days from the last own event to the cutoff.',
      value: measured({ fn: 'days_since_last' }, 'all_time'),
    },
    {
      name: 'days_since_last_app_start',
      description: 'Days from the last start of the app ($AppStart) to the cutoff.',
      value: measured({ fn: 'days_since_last' }, 'all_time', { event: '$AppStart' }),
    },
  ],
});
