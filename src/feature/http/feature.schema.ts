import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { FEATURE_DEFINITION, FEATURE_NAME } from '../core/feature.js';

export const DEFINE_FEATURE = z.strictObject({
  name: FEATURE_NAME.describe('Unique in the project and in the library; names a column of exports'),
  description: STORABLE_TEXT.max(2000).optional(),
  definition: FEATURE_DEFINITION.describe('Version 1 of the feature language; see docs/features.md'),
});
export type DefineFeature = z.infer<typeof DEFINE_FEATURE>;

export const LIST_FEATURES = z.object({
  family: z.string().max(63).optional().describe('Only of this family of the library; own: of the project'),
});
export type ListFeatures = z.infer<typeof LIST_FEATURES>;

export const FEATURE = z.object({
  name: z.string(),
  family: z.string().describe('own: the project defined it'),
  description: z.string(),
  unit: z.string().nullable(),
  nullRule: z.string().nullable().describe('What stands where nothing happened, and when there is no value'),
  notAsOf: z.boolean().describe('Of the profile, which is known as of now only: not for past cutoffs'),
  definition: FEATURE_DEFINITION.nullable().describe('null: the settings have to say something first'),
});
export const FEATURE_LIST = z.object({ items: z.array(FEATURE) });
