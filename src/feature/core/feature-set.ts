import { z } from 'zod';
import { FEATURE_NAME, type NamedFeature } from './feature.js';
import { LABEL, type Label } from './label.js';
import type { LifecycleThresholds } from './lifecycle.js';

/** So that a row of values stays one query and one table of an export. */
export const MAX_FEATURES = 400;

/** A feature set as it is written down: which features, of whom, and what to foretell. */
export const FEATURE_SET_DEFINITION = z
  .strictObject({
    version: z.literal(1),
    families: z
      .array(z.string().max(63))
      .max(50)
      .default([])
      .describe('Every feature of these families of the library'),
    features: z
      .array(FEATURE_NAME)
      .max(MAX_FEATURES)
      .default([])
      .describe('Features of the library or of the project'),
    activeWithinDays: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe(
        'Only users with an event of their own in so many days before the cutoff; default: with any before it',
      ),
    asKnown: z
      .boolean()
      .default(true)
      .describe(
        'Leave out events that were received at or after the cutoff, as a model would not have had them',
      ),
    label: LABEL.optional(),
  })
  .refine(({ families, features }) => families.length + features.length > 0, {
    path: ['features'],
    message: 'name a feature or a family',
  });
export type FeatureSetDefinition = z.infer<typeof FEATURE_SET_DEFINITION>;

/** What a feature set meant when it was saved: a snapshot is computed from this alone. */
export interface FeaturePlan {
  features: NamedFeature[];
  activeWithinDays: number | null;
  asKnown: boolean;
  label: Label | null;
  lifecycle: LifecycleThresholds;
  /** IANA name */
  timeZone: string;
}

/** A cutoff that is this old is past: the profile of now says nothing about it. */
export const PAST_AFTER_MS = 3_600_000;

export function isPastCutoff(cutoff: number, nowMs: number): boolean {
  return nowMs - cutoff > PAST_AFTER_MS;
}
