import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../kernel/ids.js';
import { isSameJson } from '../kernel/same-json.js';
import { dueNext } from '../kernel/time/due-next.js';
import { Clock } from '../platform/clock/clock.js';
import { invalidField, notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { JobQueue } from '../platform/queue/job.js';
import { isNotAsOf } from './core/feature.js';
import { type FeaturePlan, type FeatureSetDefinition, isPastCutoff } from './core/feature-set.js';
import type { FeatureSet } from './data/feature-set.repository.js';
import { FeatureTables } from './data/feature-tables.js';
import type { Snapshot } from './data/snapshot.repository.js';
import { FeatureCatalogue } from './feature-catalogue.service.js';
import { addSnapshotJob } from './jobs/snapshot.job.js';

/** What a caller may set of a feature set; what is absent stays as it is. */
export interface FeatureSetChange {
  name?: string | undefined;
  description?: string | undefined;
  definition?: FeatureSetDefinition | undefined;
  /** null: no schedule. */
  schedule?: { cron: string; timeZone?: string | undefined } | null | undefined;
  state?: 'active' | 'paused' | undefined;
}

interface ProjectOfSet {
  id: ProjectId;
  timeZone: string;
}

/** Makes and changes feature sets, and asks for their snapshots. */
@Injectable()
export class FeatureSetService {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly tables: FeatureTables,
    private readonly catalogue: FeatureCatalogue,
  ) {}

  async create(
    project: ProjectOfSet,
    given: FeatureSetChange & { name: string; definition: FeatureSetDefinition },
  ): Promise<FeatureSet> {
    const now = new Date(this.clock.now());
    const set = this.scheduled({
      id: newId('featureSet', now.getTime()),
      projectId: project.id,
      name: given.name,
      description: given.description ?? '',
      definition: given.definition,
      plan: await this.catalogue.plan(project, given.definition),
      version: 1,
      scheduleCron: given.schedule?.cron ?? null,
      scheduleZone: given.schedule?.timeZone ?? project.timeZone,
      state: given.state ?? 'active',
      nextRunAt: null,
      createdAt: now,
      updatedAt: now,
    });
    if (!(await this.tables.sets.insert(set))) throw nameTaken(given.name);
    return set;
  }

  /** A definition that now means something else, also by changed settings, becomes a new version. */
  async update(project: ProjectOfSet, id: string, change: FeatureSetChange): Promise<FeatureSet> {
    const plan = change.definition && (await this.catalogue.plan(project, change.definition));
    const updated = await this.tables.sets.update(project.id, id, (present) =>
      this.apply(present, change, plan ?? present.plan),
    );
    if (updated === 'name_taken') throw nameTaken(change.name ?? '');
    if (!updated) throw notFound('feature set', id);
    return updated;
  }

  /** Snapshots stay readable; the name is free again. */
  async archive(projectId: ProjectId, id: string): Promise<void> {
    const archived = await this.tables.sets.update(projectId, id, (present) => ({
      ...present,
      state: 'archived',
      nextRunAt: null,
      updatedAt: new Date(this.clock.now()),
    }));
    if (!archived) throw notFound('feature set', id);
  }

  async get(projectId: ProjectId, id: string): Promise<FeatureSet> {
    const set = await this.tables.sets.find(projectId, id);
    if (!set) throw notFound('feature set', id);
    return set;
  }

  /** @param wish `cutoff` in ms since 1970; null: now */
  async takeSnapshot(
    projectId: ProjectId,
    setId: string,
    wish: { cutoff: number | null; excludeNotAsOf: boolean },
  ): Promise<Snapshot> {
    const set = await this.get(projectId, setId);
    const nowMs = this.clock.now();
    const cutoff = wish.cutoff ?? nowMs;
    if (set.state === 'archived') throw new Problem(PROBLEMS.conflict, 'The feature set is archived.');
    if (cutoff > nowMs)
      throw invalidField('/cutoff', 'in_the_future', 'The cutoff must not be later than now.');
    if (isPastCutoff(cutoff, nowMs) && !wish.excludeNotAsOf) refuseNotAsOf(set.plan);
    const snapshot = await this.tables.snapshots.queue(set, cutoff, nowMs);
    if (snapshot.version !== set.version) {
      throw new Problem(
        PROBLEMS.conflict,
        `The snapshot ${snapshot.id} of version ${snapshot.version} has that very cutoff: choose another one.`,
      );
    }
    if (snapshot.state === 'queued') await addSnapshotJob(this.queue, snapshot, { nowMs });
    return snapshot;
  }

  private apply(present: FeatureSet, change: FeatureSetChange, plan: FeaturePlan): FeatureSet {
    if (present.state === 'archived')
      throw new Problem(PROBLEMS.conflict, 'The feature set is archived: make a new one.');
    const { schedule } = change;
    return this.scheduled({
      ...present,
      name: change.name ?? present.name,
      description: change.description ?? present.description,
      definition: change.definition ?? present.definition,
      plan,
      version: present.version + (isSameJson(plan, present.plan) ? 0 : 1),
      scheduleCron: schedule === undefined ? present.scheduleCron : (schedule?.cron ?? null),
      scheduleZone: schedule?.timeZone ?? present.scheduleZone,
      state: change.state ?? present.state,
      updatedAt: new Date(this.clock.now()),
    });
  }

  private scheduled(set: FeatureSet): FeatureSet {
    const dueMs = dueNext(set, this.clock.now());
    return { ...set, nextRunAt: dueMs === null ? null : new Date(dueMs) };
  }
}

/** The guard: the profile is known as of now, and would let what came after the cutoff in. */
function refuseNotAsOf({ features }: FeaturePlan): void {
  const names = features.filter(({ value }) => isNotAsOf(value)).map(({ name }) => name);
  if (names.length === 0) return;
  throw invalidField(
    '/cutoff',
    'not_as_of',
    `The profile is known as of now only, so that ${names.join(', ')} cannot be computed for a past cutoff: send "excludeNotAsOf": true to leave them out.`,
  );
}

function nameTaken(name: string): Problem {
  return new Problem(PROBLEMS.conflict, `There is a feature set named ${name} already.`, [
    { pointer: '/name', code: 'name_taken', detail: 'Choose another name.' },
  ]);
}
