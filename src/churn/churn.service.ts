import { Injectable } from '@nestjs/common';
import { FeatureSets } from '../feature/contract.js';
import { newId, type ProjectId } from '../kernel/ids.js';
import { nextRun } from '../kernel/time/next-run.js';
import { Clock } from '../platform/clock/clock.js';
import { invalidField, notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { JobQueue } from '../platform/queue/job.js';
import type { ChurnDefinition } from './core/definition.js';
import { featuresAsked, pointerToFeature } from './core/onnx-definition.js';
import type { RunTask } from './core/plan-tables.js';
import type { ChurnModel } from './data/churn-model.repository.js';
import type { ChurnRun } from './data/churn-run.repository.js';
import { ChurnTables } from './data/churn-tables.js';
import { addRunJob } from './jobs/churn-run.job.js';

/** What a caller may set of a model; what is absent stays as it is. */
export interface ModelChange {
  name?: string | undefined;
  /** null: no schedule. */
  schedule?: { cron: string; timeZone?: string | undefined; task?: RunTask | undefined } | null | undefined;
  state?: 'active' | 'paused' | undefined;
}

@Injectable()
export class ChurnService {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly tables: ChurnTables,
    private readonly features: FeatureSets,
  ) {}

  async create(
    project: { id: ProjectId; timeZone: string },
    given: ModelChange & { name: string; definition: ChurnDefinition },
  ): Promise<ChurnModel> {
    await this.checkDefinition(project.id, given);
    const now = new Date(this.clock.now());
    const model = this.scheduled({
      id: newId('churnModel', now.getTime()),
      projectId: project.id,
      name: given.name,
      definition: given.definition,
      scheduleCron: given.schedule?.cron ?? null,
      scheduleZone: given.schedule?.timeZone ?? project.timeZone,
      scheduleTask: given.schedule?.task ?? 'train',
      state: given.state ?? 'active',
      nextRunAt: null,
      createdAt: now,
      updatedAt: now,
    });
    if (!(await this.tables.models.insert(model))) throw nameTaken(given.name);
    return model;
  }

  async update(projectId: ProjectId, id: string, change: ModelChange): Promise<ChurnModel> {
    const updated = await this.tables.models.update(projectId, id, (present) => this.apply(present, change));
    if (updated === 'name_taken') throw nameTaken(change.name ?? '');
    if (!updated) throw notFound('churn model', id);
    return updated;
  }

  /** Runs and scores stay readable; the name is free again. */
  async archive(projectId: ProjectId, id: string): Promise<void> {
    const archived = await this.tables.models.update(projectId, id, (present) => ({
      ...present,
      state: 'archived',
      nextRunAt: null,
      updatedAt: new Date(this.clock.now()),
    }));
    if (!archived) throw notFound('churn model', id);
  }

  async get(projectId: ProjectId, id: string): Promise<ChurnModel> {
    const model = await this.tables.models.find(projectId, id);
    if (!model) throw notFound('churn model', id);
    return model;
  }

  async getRun(projectId: ProjectId, modelId: string, runId: string): Promise<ChurnRun> {
    const run = await this.tables.runs.find(projectId, runId);
    if (!run || run.modelId !== modelId) throw notFound('run', runId);
    return run;
  }

  /** @throws where the run has no scores yet, or never will */
  async getFinishedRun(projectId: ProjectId, modelId: string, runId: string): Promise<ChurnRun> {
    const run = await this.getRun(projectId, modelId, runId);
    if (run.state !== 'done')
      throw new Problem(PROBLEMS.conflict, `The run is ${run.state}: it has no scores.`);
    return run;
  }

  /** @param asOf ms since 1970; null: now */
  async startRun(
    projectId: ProjectId,
    modelId: string,
    wish: { task: RunTask; asOf: number | null },
  ): Promise<ChurnRun> {
    const model = await this.get(projectId, modelId);
    const nowMs = this.clock.now();
    const asOf = wish.asOf ?? nowMs;
    if (model.state === 'archived')
      throw new Problem(PROBLEMS.conflict, 'The model is archived and runs no more.');
    if (asOf > nowMs) throw invalidField('/asOf', 'in_the_future', 'asOf must not be later than now.');
    const { task } = wish;
    await this.assertCanRun(model);
    if (
      task === 'score' &&
      model.definition.kind !== 'onnx' &&
      !(await this.tables.runs.findLatestDone(modelId, { task: 'train', untilMs: asOf }))
    ) {
      throw new Problem(
        PROBLEMS.conflict,
        'The model was not trained as of that moment or before: start a run with the task train.',
      );
    }
    const run = await this.tables.runs.queue({ modelId, projectId, task, asOf }, nowMs);
    if (run.state === 'queued') await addRunJob(this.queue, run, { nowMs });
    return run;
  }

  /** @throws where the model has nothing to run with */
  private async assertCanRun({ id, definition }: ChurnModel): Promise<void> {
    if (definition.kind === 'uploaded')
      throw new Problem(PROBLEMS.conflict, 'The scores of this model are uploaded: it does not run.');
    if (definition.kind === 'onnx' && !(await this.tables.files.findNewest(id, 'ready')))
      throw new Problem(PROBLEMS.conflict, 'The model has no file that can be used: send one.');
  }

  /** What a definition refers to has to be there. */
  private async checkDefinition(
    projectId: ProjectId,
    { definition, schedule }: { definition: ChurnDefinition; schedule?: ModelChange['schedule'] },
  ): Promise<void> {
    if (definition.kind === 'uploaded' && schedule)
      throw invalidField('/schedule', 'not_allowed', 'A model whose scores are uploaded has no schedule.');
    if (definition.kind !== 'onnx') return;
    const set = await this.features.findSet(projectId, definition.featureSet);
    const pointer = '/definition/featureSet';
    if (!set)
      throw invalidField(pointer, 'unknown_feature_set', `There is no feature set ${definition.featureSet}.`);
    if (set.isArchived) throw invalidField(pointer, 'archived', `The feature set ${set.name} is archived.`);
    const errors = featuresAsked(definition).flatMap((name, place) =>
      set.features.includes(name)
        ? []
        : [
            {
              pointer: pointerToFeature(definition, place),
              code: 'unknown_feature',
              detail: `The feature set ${set.name} does not have ${name}.`,
            },
          ],
    );
    if (errors.length > 0) throw new Problem(PROBLEMS.invalidRequest, errors[0]?.detail ?? '', errors);
  }

  async cancelRun(projectId: ProjectId, modelId: string, runId: string): Promise<ChurnRun> {
    const run = await this.getRun(projectId, modelId, runId);
    if (!(await this.tables.runs.cancel(run.id, this.clock.now())))
      throw new Problem(PROBLEMS.conflict, 'The run has ended already.');
    return this.getRun(projectId, modelId, runId);
  }

  private apply(present: ChurnModel, change: ModelChange): ChurnModel {
    if (present.state === 'archived')
      throw new Problem(PROBLEMS.conflict, 'The model is archived: make a new one.');
    const { schedule } = change;
    if (present.definition.kind === 'uploaded' && schedule)
      throw invalidField('/schedule', 'not_allowed', 'A model whose scores are uploaded has no schedule.');
    return this.scheduled({
      ...present,
      name: change.name ?? present.name,
      scheduleCron: schedule === undefined ? present.scheduleCron : (schedule?.cron ?? null),
      scheduleZone: schedule?.timeZone ?? present.scheduleZone,
      scheduleTask: schedule?.task ?? present.scheduleTask,
      state: change.state ?? present.state,
      updatedAt: new Date(this.clock.now()),
    });
  }

  private scheduled(model: ChurnModel): ChurnModel {
    if (model.state !== 'active' || model.scheduleCron === null) return { ...model, nextRunAt: null };
    const dueMs = nextRun({ cron: model.scheduleCron, timeZone: model.scheduleZone }, this.clock.now());
    return { ...model, nextRunAt: dueMs === null ? null : new Date(dueMs) };
  }
}

function nameTaken(name: string): Problem {
  return new Problem(PROBLEMS.conflict, `There is a churn model named ${name} already.`, [
    { pointer: '/name', code: 'name_taken', detail: 'Choose another name.' },
  ]);
}
