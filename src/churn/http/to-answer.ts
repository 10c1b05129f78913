import { formatUserId } from '../../kernel/ids.js';
import type { ChurnModel } from '../data/churn-model.repository.js';
import type { ChurnRun } from '../data/churn-run.repository.js';
import type { ModelFile } from '../data/model-file.repository.js';
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
  return { ...toRunSummary(run), fit: run.fit, report: run.report, upload: run.upload };
}

export function toScore({ userId, score, details }: UserScore) {
  return { userId: formatUserId(userId), score, details };
}

export function toModelFile(file: ModelFile) {
  return {
    id: file.id,
    modelId: file.modelId,
    sha256: file.sha256,
    sizeBytes: file.sizeBytes,
    trainedUntil: file.trainedUntil?.toISOString() ?? null,
    state: file.state,
    faults: file.faults ?? [],
    shape: file.shape,
    createdAt: file.createdAt.toISOString(),
    checkedAt: file.checkedAt?.toISOString() ?? null,
  };
}
