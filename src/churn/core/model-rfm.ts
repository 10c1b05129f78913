import type { RfmDefinition } from './definition.js';
import { CannotFit, type ChurnFit, type ChurnReport, type ModelTables, type Scores } from './fit.js';
import { gapRatio } from './gap-ratio.js';
import { type QuintileBounds, quintile, quintileBounds } from './rfm.js';
import { columnOf, type UserTable } from './table.js';

type RfmFit = Extract<ChurnFit, { kind: 'rfm' }>;

/** Recency, frequency and value in fifths of the users, with the gap ratio beside. */
export const RFM_MODEL = {
  fit(definition: RfmDefinition, { score: table }: ModelTables): { fit: RfmFit; report: ChurnReport } {
    if (!table || table.users.length === 0) throw new CannotFit('Nobody has such an event yet.');
    const hasValue = definition.activity.valueProperty !== undefined;
    return {
      fit: {
        kind: 'rfm',
        recency: quintileBounds(daysSinceLast(table).map((days) => -days)),
        frequency: quintileBounds(columnOf(table, 'activeDays')),
        monetary: hasValue ? quintileBounds(columnOf(table, 'total')) : null,
      },
      report: { users: table.users.length, validation: null, holdout: null, warnings: [] },
    };
  },

  /** The score is how far the sum of the fifths is from the best one; it is a rank, no probability. */
  score(_definition: RfmDefinition, fit: RfmFit, table: UserTable): Scores {
    const days = daysSinceLast(table);
    const activeDays = columnOf(table, 'activeDays');
    const spanDays = columnOf(table, 'spanDays');
    const parts: Record<string, Float64Array> = {
      recency: inFifths(
        days.map((each) => -each),
        fit.recency,
      ),
      frequency: inFifths(activeDays, fit.frequency),
      ...(fit.monetary === null ? {} : { monetary: inFifths(columnOf(table, 'total'), fit.monetary) }),
    };
    const fifths = Object.values(parts);
    const worst = 4 * fifths.length;
    return {
      score: days.map((_, i) => fifths.reduce((sum, part) => sum + 5 - (part[i] ?? 0), 0) / worst),
      values: {
        ...parts,
        gapRatio: days.map((each, i) => gapRatio(each, activeDays[i] ?? 0, spanDays[i] ?? 0)),
        daysSinceLast: days,
        activeDays,
      },
    };
  },
};

function inFifths(values: Float64Array, bounds: QuintileBounds): Float64Array {
  return values.map((value) => quintile(value, bounds));
}

function daysSinceLast(table: UserTable): Float64Array {
  const span = columnOf(table, 'spanDays');
  return columnOf(table, 'seenDays').map((seen, i) => seen - (span[i] ?? 0));
}
