import { z } from 'zod';
import { isId } from './ids.js';
import { NUMBER_COMPARE, type NumberCompare } from './number-compare.js';
import { STORABLE_TEXT } from './property-filter.js';

const MAX_AGE_HOURS = z
  .number()
  .int()
  .min(1)
  .max(87_600)
  .optional()
  .describe('How old the values may be at the moment they are asked about');

export const FEATURE_FILTER = z.strictObject({
  feature: z.strictObject({
    set: z.string().refine((text) => isId('featureSet', text), 'must be the id of a feature set, fst_…'),
    name: STORABLE_TEXT.min(1).max(63),
    maxAgeHours: MAX_AGE_HOURS,
  }),
  compare: NUMBER_COMPARE,
});
export const SCORE_FILTER = z.strictObject({
  score: z.strictObject({
    model: z.string().refine((text) => isId('churnModel', text), 'must be the id of a churn model, chm_…'),
    of: STORABLE_TEXT.min(1)
      .max(63)
      .optional()
      .describe(
        'score (the default); decile: 1 to 10, 10 being the tenth with the highest scores; or a detail of the model',
      ),
    maxAgeHours: MAX_AGE_HOURS,
  }),
  compare: NUMBER_COMPARE,
});

/** A feature of the user, as the latest snapshot of the set has it, meets the comparison. */
export interface FeatureFilter {
  feature: { set: string; name: string; maxAgeHours?: number | undefined };
  compare: NumberCompare;
}
/** What the latest run of a churn model says of the user meets the comparison. */
export interface ScoreFilter {
  score: { model: string; of?: string | undefined; maxAgeHours?: number | undefined };
  compare: NumberCompare;
}
export type ValueFilter = FeatureFilter | ScoreFilter;

/** What every model tells of a user, beside its details. */
export const SCORE_PARTS = ['score', 'decile'] as const;

/** What of a score is asked about. */
export function partOf({ score }: ScoreFilter): string {
  return score.of ?? 'score';
}

export function maxAgeOf(filter: ValueFilter): number | undefined {
  return 'feature' in filter ? filter.feature.maxAgeHours : filter.score.maxAgeHours;
}

/** What a filter names, as far as it is there: a feature set with its features, or a churn model with what it tells. */
export interface NamedSource {
  name: string;
  isArchived: boolean;
  offers: readonly string[];
}

/** What is wrong with what a filter names; `at` is a JSON Pointer from the filter on. */
export function findFilterFault(
  filter: ValueFilter,
  found: NamedSource | null,
): { at: string; code: string; detail: string } | null {
  const isFeature = 'feature' in filter;
  const id = isFeature ? filter.feature.set : filter.score.model;
  const at = isFeature ? '/feature/set' : '/score/model';
  const what = isFeature ? 'feature set' : 'churn model';
  if (!found) {
    const code = isFeature ? 'unknown_feature_set' : 'unknown_model';
    return { at, code, detail: `There is no ${what} ${id}.` };
  }
  if (found.isArchived) return { at, code: 'archived', detail: `The ${what} ${found.name} is archived.` };
  if (isFeature) {
    const { name } = filter.feature;
    if (found.offers.includes(name)) return null;
    const detail = `The feature set ${found.name} does not have ${name}.`;
    return { at: '/feature/name', code: 'unknown_feature', detail };
  }
  const parts = [...SCORE_PARTS, ...found.offers];
  if (parts.includes(partOf(filter))) return null;
  const detail = `The churn model ${found.name} tells ${parts.join(', ')}, and no ${partOf(filter)}.`;
  return { at: '/score/of', code: 'unknown_detail', detail };
}
