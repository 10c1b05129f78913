import type { Ranking, Validation } from './fit.js';
import { auc, calibrationTable, type Judged, liftInTopDecile } from './metrics.js';

/**
 * Judges predictions of churn by what became of the users.
 * @param daysSinceLast ranks the same users for the baseline
 */
export function validate(judged: Judged, daysSinceLast: Float64Array): Validation {
  return {
    users: judged.actual.length,
    churned: judged.actual.reduce((sum, value) => sum + value, 0),
    ...rank(judged),
    calibration: calibrationTable(judged),
    baseline: rank({ predicted: daysSinceLast, actual: judged.actual }),
  };
}

function rank(judged: Judged): Ranking {
  return { auc: auc(judged), liftInTopDecile: liftInTopDecile(judged) };
}

/** A warning where the model ranks no better than the days since the last activity; null otherwise. */
export function warnOfBaseline({ auc: own, baseline }: Validation): string | null {
  if (own === null || baseline.auc === null || own > baseline.auc) return null;
  return 'The model ranks no better than the days since the last activity: use those.';
}
