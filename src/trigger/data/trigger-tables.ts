import { Injectable } from '@nestjs/common';
import type { TrackedRecord } from '../../kernel/event.js';
import type { Sql } from '../../platform/db/database.js';
import { type Decision, dealKey, userKey } from '../core/decision.js';
import type { MatchResult, MatchState } from '../core/match-trigger.js';
import type { RuleIndex } from '../core/rule-index.js';
import { DecisionRepository } from './decision.repository.js';
import { MergeRepository } from './merge.repository.js';
import { TimerRepository } from './timer.repository.js';

/** What a batch of events reads and writes, each with one statement per table. */
@Injectable()
export class TriggerTables {
  constructor(
    readonly timers: TimerRepository,
    readonly decisions: DecisionRepository,
    readonly merges: MergeRepository,
  ) {}

  async load(
    tx: Sql,
    index: RuleIndex,
    records: readonly TrackedRecord[],
    nowMs: number,
  ): Promise<MatchState> {
    const decided = await this.decisions.ofEvents(tx, [...new Set(records.map(({ eventId }) => eventId))]);
    // Timers before firings: one that is settled in between must be seen at least once.
    const timers = await this.timers.unsettled(tx, [...new Set(records.map(({ userId }) => userId))]);
    const lastFiredAt = await this.decisions.lastFiredAt(tx, coolingPairs(index, records));
    // A timer whose time is up is about to fire: for the cooldown it has.
    for (const { triggerId, userId, state } of timers) {
      if (state === 'due') lastFiredAt.set(userKey(triggerId, userId), nowMs);
    }
    return { timers: timers.filter(({ state }) => state === 'waiting'), lastFiredAt, decided };
  }

  /**
   * Writes what was decided.
   * @returns the decisions as written: a timer that somebody else settled or opened meanwhile changes them
   */
  async save(tx: Sql, result: MatchResult, nowMs: number): Promise<Decision[]> {
    const end = { state: 'cancelled', reason: 'followed_by_event', settledAt: nowMs } as const;
    const cancelled = await this.timers.leaveWaiting(tx, result.cancelled, end);
    await this.timers.leaveWaiting(tx, result.elapsed, { state: 'due' });
    const opened = await this.timers.insert(tx, result.opened, nowMs);
    const notOpened = new Set(result.opened.map(keyOf).filter((key) => !opened.has(key)));
    const notCancelled = new Set(result.cancelled.map(keyOf).filter((key) => !cancelled.has(key)));
    const decisions = result.decisions.flatMap((decision): Decision[] => {
      const key = keyOf(decision);
      if (decision.outcome === 'waiting' && notOpened.has(key)) {
        return [{ ...decision, outcome: 'not_fired', reason: 'already_waiting' }];
      }
      const isLost = decision.outcome === 'cancelled' && (notOpened.has(key) || notCancelled.has(key));
      return isLost ? [] : [decision];
    });
    await this.decisions.insert(tx, decisions, nowMs);
    return decisions;
  }
}

function keyOf({ triggerId, eventId }: { triggerId: string; eventId: string }): string {
  return dealKey(triggerId, eventId);
}

function coolingPairs(index: RuleIndex, records: readonly TrackedRecord[]) {
  const pairs = new Map<string, { triggerId: string; userId: number }>();
  for (const record of records) {
    for (const { triggerId, rule } of index.lookUp(record).on) {
      if (rule.cooldown) pairs.set(userKey(triggerId, record.userId), { triggerId, userId: record.userId });
    }
  }
  return [...pairs.values()];
}
