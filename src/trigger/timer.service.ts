import { Injectable } from '@nestjs/common';
import { EffectSink } from '../kernel/effects.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/db/database.js';
import { log } from '../platform/log/log.js';
import { metrics } from '../platform/metrics/metrics.js';
import { JobQueue } from '../platform/queue/job.js';
import { TRIGGER_ACTIONS } from './actions/index.js';
import { EvaluatedUntil } from './contract.js';
import { userKey } from './core/decision.js';
import { planActions } from './core/plan-actions.js';
import { decideDueTimer } from './core/settle-timer.js';
import type { ClaimedTimer, SettledTimer } from './data/timer.repository.js';
import { TriggerTables } from './data/trigger-tables.js';
import { TRIGGER_TIMERS, toWakeJobs } from './jobs/trigger-timers.job.js';

const CLAIM_LIMIT = 500;
/** How soon timers are looked at again that are due before their events have been evaluated. */
const LOOK_AGAIN_MS = 250;

/** Ends waits: fires the timers whose time is up, once every event received before has been evaluated. */
@Injectable()
export class TimerService {
  private running: Promise<void> | null = null;
  private isAskedAgain = false;

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly effects: EffectSink,
    private readonly evaluated: EvaluatedUntil,
    private readonly tables: TriggerTables,
  ) {}

  /** Settles what is due. One run per process at a time: whoever comes meanwhile has it look once more. */
  settleDue(): Promise<void> {
    this.isAskedAgain = true;
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Adds the jobs that will wake a worker. Not awaited: the sweep finds the timers should the queue be away. */
  wake(dueAts: readonly number[]): void {
    this.queue
      .addMany(TRIGGER_TIMERS, toWakeJobs(dueAts, this.clock.now()))
      .catch((error: unknown) => log.warn({ err: error }, 'no job for trigger timers; the sweep will do'));
  }

  private async run(): Promise<void> {
    do {
      this.isAskedAgain = false;
      const until = Math.min(await this.evaluated.get(), this.clock.now());
      while ((await this.settleBatch(until)) > 0);
      const nowMs = this.clock.now();
      if (await this.tables.timers.isAnyDue(nowMs)) this.wake([nowMs + LOOK_AGAIN_MS]);
    } while (this.isAskedAgain);
  }

  /**
   * Dispatches before it marks: a crash in between dispatches again, which the keys of the effects make harmless.
   * @returns how many timers it settled
   */
  private settleBatch(until: number): Promise<number> {
    return this.db.transaction(async (tx) => {
      const claimed = await this.tables.timers.claimDue(tx, until, CLAIM_LIMIT);
      if (claimed.length === 0) return 0;
      const nowMs = this.clock.now();
      const settled = await this.decide(tx, claimed, nowMs);
      const firing = claimed.filter((_, i) => settled[i]?.state === 'fired');
      await this.effects.dispatch(firing.flatMap(toEffects));
      await this.tables.timers.settle(tx, settled, nowMs);
      await this.tables.decisions.insert(
        tx,
        claimed.flatMap((timer, i) => toDecision(timer, settled[i])),
        nowMs,
      );
      for (const { state, reason } of settled) {
        metrics.triggerDecisions.inc({ outcome: state, reason: reason ?? '' });
      }
      return claimed.length;
    });
  }

  private async decide(tx: Sql, claimed: readonly ClaimedTimer[], nowMs: number): Promise<SettledTimer[]> {
    const cooling = claimed.filter(({ rule }) => rule.cooldown !== undefined);
    const lastFiredAt = await this.tables.decisions.lastFiredAt(tx, cooling);
    return claimed.map((timer) => {
      const reason = decideDueTimer(
        {
          dueAt: timer.dueAt.getTime(),
          rule: timer.rule,
          triggerState: timer.triggerState,
          lastFiredAt: lastFiredAt.get(userKey(timer.triggerId, timer.userId)) ?? null,
        },
        nowMs,
      );
      return { id: timer.id, state: reason === null ? 'fired' : 'cancelled', reason };
    });
  }
}

function toEffects(timer: ClaimedTimer) {
  return planActions(TRIGGER_ACTIONS, {
    trigger: {
      triggerId: timer.triggerId,
      version: timer.triggerVersion,
      projectId: timer.projectId,
      name: timer.triggerName,
      rule: timer.rule,
    },
    userId: timer.userId,
    event: timer.event,
  });
}

function toDecision(timer: ClaimedTimer, settled: SettledTimer | undefined) {
  if (!settled) return [];
  const { triggerId, triggerVersion, projectId, userId, eventId } = timer;
  const { state: outcome, reason } = settled;
  return [{ triggerId, triggerVersion, projectId, userId, eventId, outcome, reason, causedByEventId: null }];
}
