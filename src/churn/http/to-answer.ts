import { formatUserId } from '../../kernel/ids.js';
import type { ChurnModel } from '../data/churn-model.repository.js';
import type { ChurnRun } from '../data/churn-run.repository.js';
import type { UserScore } from '../data/score-store.js';

/** A model as the API shows it. */
export function toModel(model: ChurnModel) {
  return {
    id: model.id,
    name: model.name,
    definition: model.definition,
    schedule:
      model.scheduleCron === null
        ? null
        : { cron: model.scheduleCron, timeZone: model.scheduleZone, task: model.scheduleTask },
    state: model.state,
    nextRunAt: model.nextRunAt?.toISOString() ?? null,
    createdAt: model.createdAt.toISOString(),
    updatedAt: model.updatedAt.toISOString(),
  };
}

/** A run as the API shows it in lists. */
export function toRunSummary(run: ChurnRun) {
  return {
    id: run.id,
    modelId: run.modelId,
    task: run.task,
    asOf: run.asOf.toISOString(),
    state: run.state,
    trigger: run.trigger,
    attempts: run.attempts,
    queuedAt: run.queuedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    durationMs: run.durationMs,
    fitRunId: run.fitRunId,
    scoredCount: run.scoredCount,
    error: run.error,
  };
}

/** A run with what it learned. */
export function toRunDetail(run: ChurnRun) {
  return { ...toRunSummary(run), fit: run.fit, report: run.report };
}

export function toScore({ userId, score, details }: UserScore) {
  return { userId: formatUserId(userId), score, details };
}
