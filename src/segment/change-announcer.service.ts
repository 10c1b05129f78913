import { Injectable } from '@nestjs/common';
import { EffectSink } from '../kernel/effects.js';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { ChangeStreamer } from './change-streamer.service.js';
import { toChangeEffects } from './core/change-effects.js';
import { toChangeTargets } from './core/change-settings.js';
import type { ChangeBatch, NewChangeBatch } from './data/change-batch.repository.js';
import { LiveTables } from './data/live-tables.js';
import type { Segment } from './data/segment.repository.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';

/** Changes that are told at once: events of one envelope, users in one call of a webhook. */
const PAGE_SIZE = 500;

/** Makes every change of membership an effect, once, where the segment asks for it. */
@Injectable()
export class ChangeAnnouncer {
  constructor(
    private readonly clock: Clock,
    private readonly segments: SegmentTables,
    private readonly tables: LiveTables,
    private readonly effects: EffectSink,
    private readonly streamer: ChangeStreamer,
  ) {}

  /**
   * Finds the changes that a finished run tells of. A segment that is live hears of its changes before its runs do:
   * for it a run is a check. Done again for the same run, it changes nothing.
   */
  async runFinished(run: SegmentRun): Promise<void> {
    const segment = await this.segments.segments.find(run.projectId, run.segmentId);
    if (!segment) return;
    if (segment.isLive && segment.state === 'active') {
      await this.tables.live.askCheck(segment.id, run.id);
      return;
    }
    if (segment.changes === null) return;
    const base = await this.findBase(segment, run);
    if (!base) return;
    const id = await this.tables.batches.insertOfRun(this.toBatch(segment, run, base.id));
    const batch = id === null ? null : await this.tables.batches.find(id);
    if (batch) await this.announce(batch);
  }

  /** Tells what is left to tell of a batch; where it fails, the sweep comes back to it. */
  async announce(batch: ChangeBatch): Promise<void> {
    try {
      const filled = batch.isFilled ? batch : await this.fill(batch);
      if (filled.doesStream) await this.streamer.wake([filled.segmentId]);
      if (filled.doesRecord || filled.webhookUrl !== null) await this.tell(filled);
      await this.tables.batches.setAnnounced(batch.id, this.clock.now());
    } catch (error) {
      log.error({ err: error, batch: batch.id }, 'changes of a segment could not be told and will be again');
    }
  }

  private async tell(batch: ChangeBatch): Promise<void> {
    const segment = await this.segments.segments.find(batch.projectId, batch.segmentId);
    let position = batch.position;
    for (;;) {
      const changes = await this.tables.changes.page(batch, position, PAGE_SIZE);
      const last = changes.at(-1);
      if (!last) return;
      await this.effects.dispatch(toChangeEffects(batch, segment?.name ?? '', changes));
      position = last.userId;
      await this.tables.batches.setPosition(batch.id, position);
    }
  }

  private async fill(batch: ChangeBatch): Promise<ChangeBatch> {
    const [before, now] = await Promise.all(
      [batch.baseRunId, batch.runId].map(async (runId) => {
        const attempt = runId === null ? null : await this.segments.runs.findFinishedAttempt(runId);
        if (runId === null || attempt === null) throw new Error(`The run ${runId} is gone.`);
        return { runId, attempt };
      }),
    );
    if (before && now) await this.tables.changes.fillFromRuns(batch, before, now);
    await this.tables.batches.setFilled(batch.id);
    return { ...batch, isFilled: true };
  }

  /**
   * The run to compare with: the finished one before it. None for the first run, for one that is not the latest (unless
   * it is what a later one was compared with), and where live updates told of changes since.
   */
  private async findBase(segment: Segment, run: SegmentRun): Promise<SegmentRun | null> {
    const later = await this.tables.batches.afterRun(segment.id, run.id, run.asOf);
    const isBase = later.some(({ baseRunId }) => baseRunId === run.id);
    const latest = await this.segments.runs.findLatestDone(segment.id);
    const isLatest = later.length === 0 && latest?.id === run.id;
    if (!isBase && !isLatest) return null;
    const base = await this.segments.runs.findLatestKept(segment.id, run.asOf.getTime());
    const wasLive = base && segment.liveUntil !== null && base.asOf < segment.liveUntil;
    return wasLive ? null : base;
  }

  private toBatch(segment: Segment, run: SegmentRun, baseRunId: string): NewChangeBatch {
    return {
      segmentId: segment.id,
      projectId: segment.projectId,
      version: run.version,
      source: 'run',
      runId: run.id,
      baseRunId,
      atMs: run.asOf.getTime(),
      madeAtMs: this.clock.now(),
      ...toChangeTargets(segment.changes),
    };
  }
}
