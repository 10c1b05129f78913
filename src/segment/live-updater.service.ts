import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Projects } from '../access/contract.js';
import type { UserId } from '../kernel/ids.js';
import { toRunError } from '../platform/clickhouse/query-error.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { log } from '../platform/log/log.js';
import { metrics } from '../platform/metrics/metrics.js';
import { JobHandlers } from '../platform/queue/job.js';
import { ChangeAnnouncer } from './change-announcer.service.js';
import { toChangeTargets } from './core/change-settings.js';
import { compileLive, compileSegment } from './core/compile-segment.js';
import type { SegmentDefinition } from './core/condition.js';
import { isSql } from './core/sql-definition.js';
import type { NewChangeBatch } from './data/change-batch.repository.js';
import type { LiveState } from './data/live.repository.js';
import { LiveTables } from './data/live-tables.js';
import type { Segment } from './data/segment.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { DefinitionCompiler, isDefinitionRefusal } from './definition-compiler.service.js';
import { SEGMENT_LIVE } from './jobs/segment-live.job.js';
import { LIVE_PROJECTS_AGE_MS } from './live-inbox.service.js';
import { computeStep } from './live-step.js';

/** More users than this are computed faster with everyone. */
const MAX_LOOKED = 50_000;
/** Edges that passed longer ago may be thrown away. */
const MAX_BEHIND_MS = 3 * 86_400_000;
/** Until then ClickHouse's dictionary knows of every merge that was published before. */
const DICTIONARY_LAG_MS = 3_000;
/** What failed may have cost much: it rests beyond its interval before it is tried again. */
const REST_MS = 40_000;
const HOUR_MS = 3_600_000;

/** One update of a live segment, and all it is about. */
interface Update {
  state: LiveState;
  segment: Segment;
  definition: SegmentDefinition;
  timeZone: string;
  /** Of the definition and the time zone. */
  fingerprint: string;
  /** What was in the inbox when it began has numbers until this one. */
  taken: number;
}

/** Keeps the members of live segments up to date. */
@Injectable()
export class LiveUpdater implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly handlers: JobHandlers,
    private readonly projects: Projects,
    private readonly segments: SegmentTables,
    private readonly tables: LiveTables,
    private readonly compiler: DefinitionCompiler,
    private readonly announcer: ChangeAnnouncer,
  ) {}

  onModuleInit(): void {
    this.handlers.handle(SEGMENT_LIVE, ({ segmentId }) => this.run(segmentId));
  }

  private async run(segmentId: string): Promise<void> {
    try {
      await this.tables.alone(segmentId, () => this.update(segmentId));
    } catch (error) {
      const message = isDefinitionRefusal(error) ? error.message : toRunError(error);
      log.warn({ err: error, segmentId }, 'a live segment could not be brought up to date and will be again');
      await this.tables.live.setError(segmentId, message, this.clock.now() + REST_MS);
    }
  }

  private async update(segmentId: string): Promise<void> {
    const found = await this.tables.live.find(segmentId);
    if (!found) return;
    const state = await this.finish(found);
    const segment = await this.segments.segments.find(state.projectId, segmentId);
    if (!segment) return;
    const { timeZone } = await this.projects.get(state.projectId);
    if (isSql(segment.definition)) return;
    const definition = await this.compiler.inline(segment.definition, {
      projectId: state.projectId,
      self: segmentId,
      asOf: this.clock.now(),
      timeZone,
    });
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([definition.where, timeZone]))
      .digest('hex');
    const taken = await this.tables.live.takeInbox(state.projectId);
    const update = { state, segment, definition, timeZone, fingerprint, taken };
    const isDone = needsBuild(update, this.clock.now()) ? false : await this.step(update);
    if (!isDone) await this.rebuild(update);
  }

  /** @returns false where there are more users to look at than an update looks at */
  private async step(update: Update): Promise<boolean> {
    const { state, taken } = update;
    const stop = metrics.segmentLiveSeconds.startTimer({ kind: 'update' });
    const asOfMs = Math.max(this.clock.now(), state.asOf?.getTime() ?? 0);
    const build = state.build ?? 0;
    const changed = await this.tables.live.inboxUsers(
      state.projectId,
      { after: state.seen, until: taken },
      MAX_LOOKED + 1,
    );
    const isCheck =
      asOfMs - (state.checkedAt?.getTime() ?? 0) > this.config.get('SEGMENT_LIVE_CHECK_HOURS') * HOUR_MS;
    const result = await computeStep(this.tables.store, {
      build,
      time: { afterMs: state.asOf?.getTime() ?? 0, untilMs: asOfMs },
      changed,
      suspects: await this.suspects(update, isCheck),
      limit: MAX_LOOKED,
      compile: (within) => compileLive(update.definition, { ...contextOf(update, asOfMs), within }),
    });
    if (!result) return false;
    if (result.healed > 0) {
      metrics.segmentLiveHealed.inc(result.healed);
      log.warn(
        { segmentId: state.segmentId, users: result.healed },
        'a full computation healed a live segment',
      );
    }
    const committed = await this.tables.live.commitTick(
      state,
      { ...result, seen: taken, asOfMs, checkedAtMs: isCheck ? asOfMs : null },
      result.changes.length === 0 ? null : this.toBatch(update, asOfMs),
    );
    if (committed) await this.finishById(state.segmentId);
    stop();
    return true;
  }

  /** Users whom a full computation sees otherwise: that of a run that asked for it, or one made only for this. */
  private async suspects(update: Update, isCheck: boolean): Promise<UserId[]> {
    const { state } = update;
    const build = state.build ?? 0;
    const found: UserId[] = [];
    const attempt = state.checkRunId && (await this.segments.runs.findFinishedAttempt(state.checkRunId));
    if (state.checkRunId && attempt) {
      const run = { runId: state.checkRunId, attempt };
      found.push(...(await this.tables.store.differingFromRun(build, run, MAX_LOOKED)));
    }
    if (!isCheck) return found;
    const members = compileSegment(update.definition, contextOf(update, this.clock.now()));
    found.push(...(await this.tables.store.differingFromMembers(build, members, MAX_LOOKED)));
    return found;
  }

  /** Computes everyone anew. The first build of a segment announces nothing. */
  private async rebuild(update: Update): Promise<void> {
    const { state, taken, fingerprint } = update;
    const newcomerMs = state.createdAt.getTime() + 2 * LIVE_PROJECTS_AGE_MS - this.clock.now();
    await sleep(Math.max(DICTIONARY_LAG_MS, newcomerMs));
    const stop = metrics.segmentLiveSeconds.startTimer({ kind: 'build' });
    const asOfMs = this.clock.now();
    const build = await this.tables.live.newBuild(state.segmentId, asOfMs);
    await this.tables.store.build(build, compileLive(update.definition, contextOf(update, asOfMs)));
    const committed = await this.tables.live.commitBuild(
      state,
      { build, seen: taken, asOfMs, fingerprint },
      state.build === null ? null : this.toBatch(update, asOfMs),
    );
    if (committed) await this.finishById(state.segmentId);
    stop();
  }

  private toBatch({ segment }: Update, atMs: number): NewChangeBatch {
    return {
      segmentId: segment.id,
      projectId: segment.projectId,
      version: segment.version,
      source: 'live',
      runId: null,
      baseRunId: null,
      atMs,
      madeAtMs: this.clock.now(),
      ...toChangeTargets(segment.changes),
    };
  }

  private async finishById(segmentId: string): Promise<void> {
    const state = await this.tables.live.find(segmentId);
    if (state) await this.finish(state);
  }

  /** Writes to ClickHouse what was decided, also by a process that died behind its decision, and tells of the changes. */
  private async finish(state: LiveState): Promise<LiveState> {
    const { pending, build, tick } = state;
    if (!pending || build === null) return state;
    const batch = pending.batch === null ? null : await this.tables.batches.find(pending.batch);
    if (pending.kind === 'rows') {
      await this.tables.store.apply(build, tick, pending.rows);
      if (batch) await this.tables.changes.insert(batch, pending.changes);
    } else if (batch) {
      await this.tables.changes.fillFromBuilds(batch, pending.before, build);
    }
    await this.tables.live.settle(state);
    if (pending.kind === 'build') await this.tables.dropBuild(pending.before);
    if (batch) await this.announcer.announce({ ...batch, isFilled: true });
    return { ...state, pending: null };
  }
}

function needsBuild({ state, fingerprint }: Update, nowMs: number): boolean {
  return (
    state.build === null ||
    state.fingerprint !== fingerprint ||
    nowMs - (state.asOf?.getTime() ?? 0) > MAX_BEHIND_MS
  );
}

function contextOf({ state, timeZone }: Update, asOf: number) {
  return { projectId: state.projectId, asOf, timeZone };
}
