import { Injectable } from '@nestjs/common';
import type { Effect } from '../kernel/effects.js';
import type { TrackedRecord } from '../kernel/event.js';
import type { UserId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/db/database.js';
import { metrics } from '../platform/metrics/metrics.js';
import { TRIGGER_ACTIONS } from './actions/index.js';
import { Triggers } from './contract.js';
import { finalMerges } from './core/final-merges.js';
import { matchTriggers } from './core/match-trigger.js';
import { planActions } from './core/plan-actions.js';
import { TriggerTables } from './data/trigger-tables.js';
import { RuleCache } from './rule-cache.js';
import { TimerService } from './timer.service.js';
import { ValueLookup } from './value-lookup.js';

/** Evaluates triggers over batches of events: load, decide, save, hand back what should happen. */
@Injectable()
export class TriggerService extends Triggers {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly rules: RuleCache,
    private readonly tables: TriggerTables,
    private readonly timers: TimerService,
    private readonly values: ValueLookup,
  ) {
    super();
  }

  async match(records: readonly TrackedRecord[]): Promise<Effect[]> {
    const index = await this.rules.get();
    const concerned = records.filter((record) => index.concerns(record));
    if (concerned.length === 0) return [];
    const nowMs = this.clock.now();
    const values = await this.values.read(index, concerned, nowMs);
    const { result, decisions } = await this.db.transaction(async (tx) => {
      const state = await this.tables.load(tx, index, concerned, nowMs);
      const result = matchTriggers({ ...state, index, records: concerned, nowMs, values });
      return { result, decisions: await this.tables.save(tx, result, nowMs) };
    });
    this.timers.wake(result.opened.filter(({ state }) => state !== 'cancelled').map(({ dueAt }) => dueAt));
    for (const { outcome, reason } of decisions) {
      metrics.triggerDecisions.inc({ outcome, reason: reason ?? '' });
    }
    return result.firings.flatMap((firing) => planActions(TRIGGER_ACTIONS, firing));
  }

  async usersMerged(merges: readonly { from: UserId; into: UserId }[]): Promise<void> {
    const final = finalMerges(merges);
    if (final.size > 0) await this.tables.merges.handOver(final, this.clock.now());
  }

  async usersSplit(
    splits: readonly { restored: UserId; from: UserId; family: readonly UserId[] }[],
  ): Promise<void> {
    for (const split of splits) await this.tables.merges.giveBack(split);
  }
}
