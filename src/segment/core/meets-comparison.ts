import type { NumberCompare } from './measure.js';

/** Whether a measured value meets a comparison; no value meets none. */
export function meetsComparison(actual: number | null, { op, value }: NumberCompare): boolean {
  if (actual === null) return false;
  switch (op) {
    case 'at_least':
      return actual >= value;
    case 'at_most':
      return actual <= value;
    case 'equals':
      return actual === value;
    case 'more_than':
      return actual > value;
    case 'less_than':
      return actual < value;
  }
}
