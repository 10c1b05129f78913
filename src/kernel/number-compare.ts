import { z } from 'zod';

/** What a number has to be. */
export const NUMBER_COMPARE = z.strictObject({
  op: z.enum(['at_least', 'at_most', 'equals', 'more_than', 'less_than']),
  value: z.number(),
});
export interface NumberCompare {
  op: 'at_least' | 'at_most' | 'equals' | 'more_than' | 'less_than';
  value: number;
}

/** Whether a value meets a comparison; no value meets none. */
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
