import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { log } from '../platform/log/log.js';
import { LEASE_MS } from '../platform/runs/run-worker.js';
import { RunLanesRepository } from './data/run-lanes.repository.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { isDefinitionRefusal } from './definition-compiler.service.js';
import { ForecastService } from './forecast.service.js';
import { RunCompiler } from './run-compiler.service.js';

/** Chooses the run that this process computes next, so that nobody waits for a neighbour (docs/adr/0015). */
@Injectable()
export class SegmentLanes {
  private heavyHere = 0;

  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly tables: SegmentTables,
    private readonly lanes: RunLanesRepository,
    private readonly compiler: RunCompiler,
    private readonly forecasts: ForecastService,
  ) {}

  /**
   * Claims the next run and does some work with it.
   * @param work gets the run, and whether others could begin too
   * @returns the run; null where none may begin now
   */
  async withNext(work: (run: SegmentRun, moreWait: boolean) => Promise<void>): Promise<SegmentRun | null> {
    const next = await this.claimNext();
    if (!next) return null;
    const heavy = next.run.lane === 'heavy' ? 1 : 0;
    this.heavyHere += heavy;
    try {
      await work(next.run, next.moreWait);
    } finally {
      this.heavyHere -= heavy;
    }
    return next.run;
  }

  /** Whether a run is heavy is found out when it is its turn, so that a long queue costs nobody anything. */
  private async claimNext(): Promise<{ run: SegmentRun; moreWait: boolean } | null> {
    for (;;) {
      const next = await this.lanes.claimNext(this.limits(), { nowMs: this.clock.now(), leaseMs: LEASE_MS });
      if (next.kind === 'none') return null;
      if (next.kind === 'claimed') return next;
      const run = await this.tables.runs.find(next.projectId, next.runId);
      if (run) await this.judge(run);
    }
  }

  private limits() {
    const places = this.config.get('SEGMENT_RUNS_PER_PROCESS');
    const mayBeHeavy = this.heavyHere < Math.max(1, places - 1);
    return {
      total: this.config.get('SEGMENT_RUNS_TOTAL'),
      perProject: this.config.get('SEGMENT_RUNS_PER_PROJECT'),
      heavy: mayBeHeavy ? this.config.get('SEGMENT_HEAVY_RUNS') : 0,
    };
  }

  private async judge(run: SegmentRun): Promise<void> {
    try {
      const { refusal, lane, ...forecast } = await this.forecasts.ofQuery(
        run.projectId,
        await this.compiler.compile(run, false),
      );
      if (refusal === null) await this.lanes.setLane(run.id, lane, forecast);
      else await this.lanes.refuse(run.id, forecast, { error: refusal, nowMs: this.clock.now() });
    } catch (error) {
      // A definition that cannot be followed is refused by the attempt. What cannot be told may be much.
      const lane = isDefinitionRefusal(error) ? 'light' : 'heavy';
      if (lane === 'heavy')
        log.warn({ err: error, runId: run.id }, 'what a run would read could not be told');
      await this.lanes.setLane(run.id, lane, null);
    }
  }
}
