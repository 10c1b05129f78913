import type { LogisticDefinition } from './definition.js';
import { LABEL } from './feature-sql.js';
import { CannotFit, type ChurnFit, type ChurnReport, type ModelTables, type Scores } from './fit.js';
import { gapRatio } from './gap-ratio.js';
import { type FeatureColumn, fitLogistic, predictLogistic } from './logistic.js';
import { columnOf, type UserTable } from './table.js';
import { validate, warnOfBaseline } from './validate.js';

type LabelFit = Extract<ChurnFit, { kind: 'logistic' }>;

const MIN_OF_EACH = 10;

/** Who comes back, learned from who came back before. */
export const LOGISTIC_MODEL = {
  fit(definition: LogisticDefinition, tables: ModelTables): { fit: LabelFit; report: ChurnReport } {
    const { train, validate: later } = tables;
    if (!train || !later) throw new Error('A table of features is missing.');
    const labels = columnOf(train, LABEL);
    const churned = labels.reduce((sum, label) => sum + label, 0);
    if (Math.min(churned, labels.length - churned) < MIN_OF_EACH) {
      throw new CannotFit(
        `Of ${labels.length} users ${churned} churned: ${MIN_OF_EACH} who did and ${MIN_OF_EACH} who did not are needed at the least.`,
      );
    }
    const model = fitLogistic(featuresOf(train), labels, definition.penalty);
    const validation =
      later.users.length === 0
        ? null
        : validate(
            { predicted: predictLogistic(model, featuresOf(later)), actual: columnOf(later, LABEL) },
            columnOf(later, 'days_since_last'),
          );
    const doubts = [
      model.hasConverged ? null : 'The fit did not settle.',
      validation ? warnOfBaseline(validation) : 'Nobody was there to judge the model by.',
    ];
    return {
      fit: { kind: 'logistic', model },
      report: {
        users: labels.length,
        validation,
        holdout: null,
        warnings: doubts.filter((doubt) => doubt !== null),
      },
    };
  },

  score(_definition: LogisticDefinition, { model }: LabelFit, table: UserTable): Scores {
    return {
      score: predictLogistic(model, featuresOf(table)),
      values: {
        daysSinceLast: columnOf(table, 'days_since_last'),
        activeDays: columnOf(table, 'active_days'),
        gapRatio: columnOf(withGapRatio(table), 'gap_ratio'),
      },
    };
  },
};

/** Every column of the table but the label, and what is made of them. */
function featuresOf(table: UserTable): FeatureColumn[] {
  return [...withGapRatio(table).columns]
    .filter(([name]) => name !== LABEL)
    .map(([name, values]) => ({ name, values }));
}

function withGapRatio(table: UserTable): UserTable {
  const activeDays = columnOf(table, 'active_days');
  const spanDays = columnOf(table, 'span_days');
  const ratio = columnOf(table, 'days_since_last').map((days, i) =>
    gapRatio(days, activeDays[i] ?? 0, spanDays[i] ?? 0),
  );
  return { ...table, columns: new Map([...table.columns, ['gap_ratio', ratio]]) };
}
