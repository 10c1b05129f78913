import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Projects } from '../access/contract.js';
import { toRunError } from '../platform/clickhouse/query-error.js';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { compileSegment } from './core/compile-segment.js';
import { ReferenceRefusal } from './core/inline-segments.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { addRunJob, SEGMENT_RUN } from './jobs/segment-run.job.js';
import { RunAnnouncer } from './run-announcer.service.js';
import { SegmentReferences } from './segment-references.service.js';

const LEASE_MS = 60_000;
const RENEW_EVERY_MS = 20_000;
/** How often one wish for a run is tried. */
const MAX_TRIES = 3;
const FIRST_RETRY_MS = 5_000;

/** Computes the runs of segments, one at a time for each segment. */
@Injectable()
export class SegmentRunner implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly handlers: JobHandlers,
    private readonly projects: Projects,
    private readonly tables: SegmentTables,
    private readonly announcer: RunAnnouncer,
    private readonly references: SegmentReferences,
  ) {}

  onModuleInit(): void {
    this.handlers.handle(SEGMENT_RUN, ({ runId }) => this.run(runId));
  }

  /** Runs it if it waits and its segment has no other run under way; else whoever ends that one starts the next. */
  async run(runId: string): Promise<void> {
    const run = await this.tables.runs.claim(runId, this.clock.now(), LEASE_MS);
    if (!run) return;
    if (run.tries > MAX_TRIES) await this.giveUp(run, new Error('Every worker that tried the run died.'));
    else await this.attempt(run);
    await this.startNext(run.segmentId);
  }

  private async attempt(run: SegmentRun): Promise<void> {
    const lost = new AbortController();
    const renewal = setInterval(() => void this.renew(run, lost), RENEW_EVERY_MS);
    try {
      await this.compute(run, lost.signal);
    } catch (error) {
      if (!lost.signal.aborted) await this.giveUp(run, error);
    } finally {
      clearInterval(renewal);
    }
  }

  private async compute(run: SegmentRun, signal: AbortSignal): Promise<void> {
    const version = await this.tables.segments.findVersion(run.segmentId, run.version);
    if (!version) throw new Error(`The segment ${run.segmentId} has no version ${run.version}.`);
    const { timeZone } = await this.projects.get(run.projectId);
    const asOf = run.asOf.getTime();
    const definition = await this.references.inline(run.projectId, version.definition, run.segmentId);
    const compiled = compileSegment(definition, { projectId: run.projectId, asOf, timeZone });
    await this.tables.members.fill(run, compiled, signal);
    const before = await this.tables.runs.findLatestDone(run.segmentId, asOf);
    const counts = await this.tables.members.compare(
      { runId: run.id, attempt: run.attempts },
      before && { runId: before.id, attempt: before.attempts },
    );
    if (await this.tables.runs.finish(run, { ...compiled, counts }, this.clock.now())) {
      await this.announcer.announce({ ...run, memberCount: counts.members });
    }
  }

  private async renew(run: SegmentRun, lost: AbortController): Promise<void> {
    try {
      if (!(await this.tables.runs.renew(run, this.clock.now() + LEASE_MS))) lost.abort();
    } catch (error) {
      log.warn({ err: error, runId: run.id }, 'the lease of a segment run could not be renewed');
    }
  }

  private async giveUp(run: SegmentRun, error: unknown): Promise<void> {
    log.warn({ err: error, runId: run.id, attempt: run.attempts }, 'an attempt at a segment run failed');
    const nowMs = this.clock.now();
    const delayMs = FIRST_RETRY_MS * 2 ** (run.tries - 1);
    const isLast = run.tries >= MAX_TRIES;
    const detail = error instanceof ReferenceRefusal ? error.message : toRunError(error);
    await this.tables.runs.giveUp(run, detail, {
      nowMs,
      retryAtMs: isLast ? null : nowMs + delayMs,
    });
    if (!isLast) await addRunJob(this.queue, run, { nowMs, delayMs });
  }

  private async startNext(segmentId: string): Promise<void> {
    const nowMs = this.clock.now();
    const next = await this.tables.runs.findNextQueued(segmentId, nowMs);
    if (next) await addRunJob(this.queue, next, { nowMs });
  }
}
