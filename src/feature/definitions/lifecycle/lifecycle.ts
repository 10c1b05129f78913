import { defineFeatureFamily } from '../../core/feature-family.js';

export const lifecycle = defineFeatureFamily({
  name: 'lifecycle',
  description: 'Where a user is in their life with the product; thresholds in the settings of features.',
  features: () => [
    {
      name: 'lifecycle',
      description: 'new, active, loyal, low_frequency, at_risk, dormant, lost or returned.',
      value: { lifecycle: true },
    },
  ],
});
