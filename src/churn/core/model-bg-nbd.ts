import {
  type BgNbdParams,
  expectedPurchases,
  fitBgNbd,
  groupPurchases,
  historyKey,
  type PurchaseHistory,
  probabilityAlive,
  probabilityNoPurchase,
} from './bg-nbd.js';
import type { BgNbdDefinition } from './definition.js';
import {
  CannotFit,
  type ChurnFit,
  type ChurnReport,
  type HoldoutRow,
  type ModelTables,
  type Scores,
} from './fit.js';
import { expectedValue, fitGammaGamma, type GammaGammaFit } from './gamma-gamma.js';
import { columnOf, type UserTable } from './table.js';
import { validate, warnOfBaseline } from './validate.js';

type PurchaseFit = Extract<ChurnFit, { kind: 'bg_nbd' }>;

const DAYS_PER_UNIT = { day: 1, week: 7 } as const;
const MIN_REPEATERS = 10;
/** The report puts customers with so many repeat purchases or more together. */
const MOST_REPORTED = 7;
/** Parameters as large as this lie on a ridge: the customers hardly differ, or are too few. */
const SUSPICIOUS = 1_000;

/** Purchases by BG/NBD, and what they are worth by the gamma-gamma model. */
export const BG_NBD_MODEL = {
  fit(definition: BgNbdDefinition, tables: ModelTables): { fit: PurchaseFit; report: ChurnReport } {
    const table = tables.train ?? tables.score;
    if (!table) throw new Error('A table of customers is missing.');
    const repeaters = columnOf(table, 'activeDays').reduce((sum, days) => sum + (days > 1 ? 1 : 0), 0);
    if (repeaters < MIN_REPEATERS) {
      throw new CannotFit(
        `Only ${repeaters} customers came again on another day; ${MIN_REPEATERS} are needed at the least.`,
      );
    }
    const groups = groupPurchases(repeatsOf(table), columnOf(table, 'spanDays'), columnOf(table, 'seenDays'));
    const purchases = fitBgNbd(groups, DAYS_PER_UNIT[definition.unit], definition.penalty);
    const spending = fitSpending(definition, table);
    const fit: PurchaseFit = { kind: 'bg_nbd', purchases, spending };
    return { fit, report: report(definition, fit, table, tables.train !== undefined) };
  },

  score(definition: BgNbdDefinition, fit: PurchaseFit, table: UserTable): Scores {
    const x = repeatsOf(table);
    const { each, perUnit } = eachCustomer(definition, table);
    const horizon = definition.horizonDays / perUnit;
    const mean = columnOf(table, 'repeatMean');
    const { purchases, spending } = fit;
    return {
      score: each((history) => probabilityNoPurchase(purchases, history, horizon)),
      values: {
        probabilityAlive: each((history) => probabilityAlive(purchases, history)),
        expectedPurchases: each((history) => expectedPurchases(purchases, history, horizon)),
        ...(spending === null ? {} : { expectedValue: valuesOf(spending, x, mean) }),
        repeatPurchases: x,
        lastPurchase: each(({ tx }) => tx),
        observed: each(({ T }) => T),
      },
    };
  },
};

function fitSpending({ activity, penalty }: BgNbdDefinition, table: UserTable): GammaGammaFit | null {
  if (activity.valueProperty === undefined) return null;
  const x = repeatsOf(table);
  const mean = columnOf(table, 'repeatMean');
  const spends = (_: number, i: number) => (x[i] ?? 0) > 0 && (mean[i] ?? 0) > 0;
  return fitGammaGamma({ x: x.filter(spends), mean: mean.filter(spends) }, penalty);
}

function report(
  definition: BgNbdDefinition,
  { purchases, spending }: PurchaseFit,
  table: UserTable,
  isHeldOut: boolean,
): ChurnReport {
  const validation = isHeldOut ? validateHoldout(definition, purchases, table) : null;
  const doubts = [
    purchases.hasConverged ? null : 'The fit did not settle.',
    Math.max(purchases.alpha, purchases.a, purchases.b, purchases.r) > SUSPICIOUS
      ? 'A parameter is very large: the customers hardly differ, or are too few. A penalty of 0.001 may help.'
      : null,
    definition.activity.valueProperty !== undefined && spending === null
      ? 'Too few customers have a repeat purchase with a value above 0: no value is expected of anyone.'
      : null,
    validation && warnOfBaseline(validation),
  ];
  return {
    users: purchases.customers,
    validation,
    holdout: isHeldOut ? compareHoldout(definition, purchases, table) : null,
    warnings: doubts.filter((doubt) => doubt !== null),
  };
}

/** Who bought nothing in the held-out days has churned. */
function validateHoldout(definition: BgNbdDefinition, params: BgNbdParams, table: UserTable) {
  const { each, perUnit } = eachCustomer(definition, table);
  const holdout = (definition.holdoutDays ?? 0) / perUnit;
  return validate(
    {
      predicted: each((history) => probabilityNoPurchase(params, history, holdout)),
      actual: columnOf(table, 'laterDays').map((days) => (days === 0 ? 1 : 0)),
    },
    each(({ tx, T }) => T - tx),
  );
}

function compareHoldout(definition: BgNbdDefinition, params: BgNbdParams, table: UserTable): HoldoutRow[] {
  const { each, perUnit } = eachCustomer(definition, table);
  const expected = each((history) =>
    expectedPurchases(params, history, (definition.holdoutDays ?? 0) / perUnit),
  );
  const actual = columnOf(table, 'laterDays');
  const rows = Array.from({ length: MOST_REPORTED + 1 }, (_, repeatPurchases) => ({
    repeatPurchases,
    orMore: repeatPurchases === MOST_REPORTED,
    customers: 0,
    expected: 0,
    actual: 0,
  }));
  repeatsOf(table).forEach((x, i) => {
    const row = rows[Math.min(x, MOST_REPORTED)];
    if (!row) return;
    row.customers++;
    row.expected += expected[i] ?? 0;
    row.actual += actual[i] ?? 0;
  });
  return rows.filter(({ customers }) => customers > 0);
}

/** `each` asks once for customers with the same history: most have one of a few. */
function eachCustomer({ unit }: BgNbdDefinition, table: UserTable) {
  const perUnit = DAYS_PER_UNIT[unit];
  const x = repeatsOf(table);
  const span = columnOf(table, 'spanDays');
  const seen = columnOf(table, 'seenDays');
  const keys = x.map((count, i) => historyKey(count, span[i] ?? 0, seen[i] ?? 0));
  const each = (of: (history: PurchaseHistory) => number) => {
    const known = new Map<number, number>();
    return keys.map((key, i) => {
      const found = known.get(key);
      if (found !== undefined) return found;
      const value = of({ x: x[i] ?? 0, tx: (span[i] ?? 0) / perUnit, T: (seen[i] ?? 0) / perUnit });
      known.set(key, value);
      return value;
    });
  };
  return { each, perUnit };
}

function valuesOf(spending: GammaGammaFit, x: Float64Array, mean: Float64Array): Float64Array {
  return x.map((count, i) => {
    const own = mean[i] ?? 0;
    const expected = own > 0 ? expectedValue(spending, count, own) : expectedValue(spending, 0, 0);
    return expected ?? Number.NaN;
  });
}

function repeatsOf(table: UserTable): Float64Array {
  return columnOf(table, 'activeDays').map((days) => days - 1);
}
