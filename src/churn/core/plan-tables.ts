import type { ProjectId } from '../../kernel/ids.js';
import { customerSql } from './customer-sql.js';
import type { FittedDefinition } from './definition.js';
import { featureSql } from './feature-sql.js';
import type { TableSql } from './table.js';

const DAY_MS = 86_400_000;

/** What a run does: `train` fits the model, judges it and scores everyone; `score` scores with an earlier fit. */
export const RUN_TASKS = ['train', 'score'] as const;
export type RunTask = (typeof RUN_TASKS)[number];

/** The tables that a run reads; what a model does not need is absent. */
export type TableName = 'train' | 'validate' | 'score';

/**
 * The queries of a run. Nothing at or after `asOf` is ever read, and the tables follow one another in time:
 * - logistic: trained two label windows before `asOf`, judged one before it, so that no label is seen twice;
 * - bg_nbd with `holdoutDays`: trained so long before `asOf`, and judged on those days.
 * Where `train` is absent the model is fitted on the users it scores.
 */
export function planTables(
  definition: FittedDefinition,
  task: RunTask,
  at: { projectId: ProjectId; timeZone: string; asOf: number },
): Partial<Record<TableName, TableSql>> {
  const { projectId, timeZone, asOf } = at;
  const isTraining = task === 'train';
  if (definition.kind === 'logistic') {
    const windowMs = definition.churnDays * DAY_MS;
    const features = (cutoff: number) =>
      featureSql(definition, { projectId, timeZone, cutoff, isLabelled: cutoff < asOf });
    return {
      ...(isTraining ? { train: features(asOf - 2 * windowMs), validate: features(asOf - windowMs) } : {}),
      score: features(asOf),
    };
  }
  const customers = (cutoff: number) =>
    customerSql(definition.activity, { projectId, timeZone, cutoff, laterUntil: asOf });
  const holdoutDays = definition.kind === 'bg_nbd' ? definition.holdoutDays : undefined;
  return {
    ...(isTraining && holdoutDays !== undefined ? { train: customers(asOf - holdoutDays * DAY_MS) } : {}),
    score: customers(asOf),
  };
}
