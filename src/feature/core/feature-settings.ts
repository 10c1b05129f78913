import { z } from 'zod';
import { PROPERTY_NAME, STORABLE_TEXT } from '../../kernel/property-filter.js';
import { DEFAULT_LIFECYCLE, LIFECYCLE_THRESHOLDS } from './lifecycle.js';

/** What a project says about itself, for the features of the library that depend on it. */
export const FEATURE_SETTINGS = z.strictObject({
  lifecycle: LIFECYCLE_THRESHOLDS.default(DEFAULT_LIFECYCLE),
  spend: z
    .strictObject({ event: STORABLE_TEXT.min(1).max(200), property: PROPERTY_NAME })
    .nullable()
    .default(null)
    .describe(
      'The event that is a payment, and its property that is the amount; null: features of spend cannot be used',
    ),
});
export type FeatureSettings = z.infer<typeof FEATURE_SETTINGS>;

export const DEFAULT_SETTINGS: FeatureSettings = FEATURE_SETTINGS.parse({});
