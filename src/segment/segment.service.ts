import { Injectable } from '@nestjs/common';
import { newId, type ProjectId, type UserId } from '../kernel/ids.js';
import { isSameJson } from '../kernel/same-json.js';
import { dueNext } from '../kernel/time/due-next.js';
import { Clock } from '../platform/clock/clock.js';
import { invalidField, notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { Kafka } from '../platform/kafka/kafka.js';
import { JobQueue } from '../platform/queue/job.js';
import { type SegmentRunRef, Segments } from './contract.js';
import type { ChangeSettings } from './core/change-settings.js';
import type { Priority } from './core/run-priority.js';
import { type AnyDefinition, isSql } from './core/sql-definition.js';
import { ChangeStreamRepository } from './data/change-stream.repository.js';
import type { Segment } from './data/segment.repository.js';
import { type RunTrigger, type SegmentRun, toRunRef } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { DefinitionCompiler } from './definition-compiler.service.js';
import { addRunJob } from './jobs/segment-run.job.js';

/** What a caller may set of a segment; what is absent stays as it is. */
export interface SegmentChange {
  name?: string | undefined;
  description?: string | undefined;
  definition?: AnyDefinition | undefined;
  /** null: no schedule. */
  schedule?: { cron: string; timeZone?: string | undefined } | null | undefined;
  state?: 'active' | 'paused' | undefined;
  priority?: Priority | undefined;
  live?: boolean | undefined;
  /** null: nothing becomes of changes. */
  changes?: ChangeSettings | null | undefined;
}

/** asOf: ms since 1970; null: now. Its priority is that of the segment, unless another is given. */
export interface RunWish {
  asOf: number | null;
  trigger: RunTrigger;
  priority?: Priority | undefined;
}

@Injectable()
export class SegmentService extends Segments {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly tables: SegmentTables,
    private readonly compiler: DefinitionCompiler,
    private readonly kafka: Kafka,
    private readonly streams: ChangeStreamRepository,
  ) {
    super();
  }

  async create(
    project: { id: ProjectId; timeZone: string },
    given: SegmentChange & { name: string; definition: AnyDefinition },
  ): Promise<Segment> {
    await this.compiler.check(project.id, given.definition, null);
    assertCanBeLive(given.definition, given.live ?? false);
    assertCanStream(given.changes?.kafkaTopic ?? null, this.kafka);
    const now = new Date(this.clock.now());
    const segment = this.scheduled({
      id: newId('segment', now.getTime()),
      projectId: project.id,
      name: given.name,
      description: given.description ?? '',
      definition: given.definition,
      version: 1,
      scheduleCron: given.schedule?.cron ?? null,
      scheduleZone: given.schedule?.timeZone ?? project.timeZone,
      state: given.state ?? 'active',
      priority: given.priority ?? 'normal',
      nextRunAt: null,
      isLive: given.live ?? false,
      liveUntil: null,
      changes: given.changes ?? null,
      createdAt: now,
      updatedAt: now,
    });
    if (!(await this.tables.segments.insert(segment))) throw nameTaken(given.name);
    return segment;
  }

  /** A changed definition becomes a new version; runs that wait keep the version they were asked for with. */
  async update(projectId: ProjectId, id: string, change: SegmentChange): Promise<Segment> {
    if (change.definition) await this.compiler.check(projectId, change.definition, id);
    const updated = await this.tables.segments.update(projectId, id, (present) =>
      this.apply(present, change),
    );
    if (updated === 'name_taken') throw nameTaken(change.name ?? '');
    if (!updated) throw notFound('segment', id);
    // Another topic may be a better one.
    if (change.changes) await this.streams.forgetFailure(id);
    return updated;
  }

  /** Runs and members stay readable; the name is free again. */
  async archive(projectId: ProjectId, id: string): Promise<void> {
    const archived = await this.tables.segments.update(projectId, id, (present) => ({
      ...present,
      state: 'archived',
      nextRunAt: null,
      updatedAt: new Date(this.clock.now()),
    }));
    if (!archived) throw notFound('segment', id);
  }

  async get(projectId: ProjectId, id: string): Promise<Segment> {
    const segment = await this.tables.segments.find(projectId, id);
    if (!segment) throw notFound('segment', id);
    return segment;
  }

  async getSegmentRun(projectId: ProjectId, segmentId: string, runId: string): Promise<SegmentRun> {
    const run = await this.tables.runs.find(projectId, runId);
    if (!run || run.segmentId !== segmentId) throw notFound('run', runId);
    return run;
  }

  async startRun(projectId: ProjectId, segmentId: string, wish: RunWish): Promise<SegmentRun> {
    const segment = await this.get(projectId, segmentId);
    const nowMs = this.clock.now();
    const asOf = wish.asOf ?? nowMs;
    if (segment.state === 'archived')
      throw new Problem(PROBLEMS.conflict, 'The segment is archived and runs no more.');
    checkAsOf(asOf, nowMs);
    const { version } = segment;
    const priority = wish.priority ?? segment.priority;
    const run = await this.tables.runs.queue(
      { segmentId, projectId, version, asOf, trigger: wish.trigger, priority },
      nowMs,
    );
    if (run.version !== version) {
      throw new Problem(
        PROBLEMS.conflict,
        `The run ${run.id} of version ${run.version} has that very moment: choose another one.`,
      );
    }
    if (run.state === 'queued') await addRunJob(this.queue, run, { nowMs });
    return run;
  }

  /** Ends a run that waits or is under way; its query in ClickHouse ends within seconds. */
  async cancelRun(projectId: ProjectId, segmentId: string, runId: string): Promise<SegmentRun> {
    const run = await this.getSegmentRun(projectId, segmentId, runId);
    if (!(await this.tables.runs.leases.cancel(runId, this.clock.now()))) {
      const { state } = await this.getSegmentRun(projectId, segmentId, runId);
      if (state !== 'cancelled')
        throw new Problem(PROBLEMS.conflict, `The run is ${state}: there is nothing to cancel.`);
      return run;
    }
    return this.getSegmentRun(projectId, segmentId, runId);
  }

  async latestRun(projectId: ProjectId, segmentId: string): Promise<SegmentRunRef | null> {
    const run = await this.tables.runs.findLatestDone(segmentId);
    return run && run.projectId === projectId ? toRunRef(run) : null;
  }

  async getRun(projectId: ProjectId, runId: string): Promise<SegmentRunRef | null> {
    const run = await this.tables.runs.find(projectId, runId);
    return run?.state === 'done' ? toRunRef(run) : null;
  }

  async membersOf(runId: string, after: UserId, limit: number): Promise<UserId[]> {
    const attempt = await this.tables.runs.findFinishedAttempt(runId);
    return attempt === null ? [] : this.tables.members.page({ runId, attempt }, after, limit);
  }

  async exists(projectId: ProjectId, segmentId: string): Promise<boolean> {
    const segment = await this.tables.segments.find(projectId, segmentId);
    return segment !== null && segment.state !== 'archived';
  }

  async requestRun(projectId: ProjectId, segmentId: string): Promise<{ runId: string }> {
    const run = await this.startRun(projectId, segmentId, { asOf: null, trigger: 'campaign' });
    return { runId: run.id };
  }

  private apply(present: Segment, change: SegmentChange): Segment {
    if (present.state === 'archived')
      throw new Problem(PROBLEMS.conflict, 'The segment is archived: make a new one.');
    const definition = change.definition ?? present.definition;
    assertCanBeLive(definition, change.live ?? present.isLive);
    const topic = change.changes?.kafkaTopic ?? null;
    if (topic !== present.changes?.kafkaTopic) assertCanStream(topic, this.kafka);
    const schedule = change.schedule;
    return this.scheduled({
      ...present,
      name: change.name ?? present.name,
      description: change.description ?? present.description,
      definition,
      version: present.version + (isSameJson(definition, present.definition) ? 0 : 1),
      scheduleCron: schedule === undefined ? present.scheduleCron : (schedule?.cron ?? null),
      scheduleZone: schedule?.timeZone ?? present.scheduleZone,
      state: change.state ?? present.state,
      priority: change.priority ?? present.priority,
      isLive: change.live ?? present.isLive,
      changes: change.changes === undefined ? present.changes : change.changes,
      updatedAt: new Date(this.clock.now()),
    });
  }

  private scheduled(segment: Segment): Segment {
    const dueMs = dueNext(segment, this.clock.now());
    return { ...segment, nextRunAt: dueMs === null ? null : new Date(dueMs) };
  }
}

/** Before 1970 no event can have happened, and a run after now would be wrong by the time it is read. */
function checkAsOf(asOf: number, nowMs: number): void {
  if (asOf > nowMs) throw invalidField('/asOf', 'in_the_future', 'asOf must not be later than now.');
  if (asOf < 0) throw invalidField('/asOf', 'too_early', 'asOf must not be earlier than 1970.');
}

function nameTaken(name: string): Problem {
  return new Problem(PROBLEMS.conflict, `There is a segment named ${name} already.`, [
    { pointer: '/name', code: 'name_taken', detail: 'Choose another name.' },
  ]);
}

function assertCanBeLive(definition: AnyDefinition, isLive: boolean): void {
  if (isLive && isSql(definition))
    throw invalidField('/live', 'sql_not_live', 'A segment in SQL cannot be live: run it by a schedule.');
}

function assertCanStream(topic: string | null, kafka: Kafka): void {
  if (topic === null) return;
  const pointer = '/changes/kafkaTopic';
  if (!kafka.isConfigured)
    throw invalidField(
      pointer,
      'no_kafka',
      'This installation has no Kafka: its operator sets KAFKA_BROKERS.',
    );
  const prefix = kafka.topicPrefix;
  if (!topic.startsWith(prefix) || topic.length === prefix.length)
    throw invalidField(
      pointer,
      'topic_not_allowed',
      `The topic must begin with ${prefix}, as KAFKA_TOPIC_PREFIX says.`,
    );
}
