import type { TrackedRecord } from '../../kernel/event.js';
import { matchesFilters } from '../../kernel/property-filter.js';
import type { NoFireReason } from '../../kernel/reasons.js';
import {
  type Decision,
  type DecisionOutcome,
  dealKey,
  type OpenedTimer,
  userKey,
  type WaitingTimer,
} from './decision.js';
import type { Firing } from './plan-actions.js';
import { durationMs, HOUR_MS, type TriggerVersion } from './rule.js';
import type { RuleIndex } from './rule-index.js';
import { correlationOf, toTriggerEvent } from './trigger-event.js';
import type { UserValues } from './user-values.js';

/** An event that reaches us so much later than its wait is long opens no timer: it is history, not news. */
const LATE_ARRIVAL_MS = HOUR_MS;

/** What the database knows before a batch is matched. */
export interface MatchState {
  /** Timers of the state `waiting` of every user in the batch. */
  timers: readonly WaitingTimer[];
  /** By `userKey`: when the trigger last fired for the user, ms since 1970; for triggers with a cooldown. */
  lastFiredAt: ReadonlyMap<string, number>;
  /** Decisions about events of this very batch, from an earlier try of it. */
  decided: readonly Pick<Decision, 'triggerId' | 'triggerVersion' | 'userId' | 'eventId' | 'outcome'>[];
}

export interface MatchInput extends MatchState {
  index: RuleIndex;
  /** In the order in which they were received. */
  records: readonly TrackedRecord[];
  nowMs: number;
  /** What was computed of the users, for rules that ask for it; absent: nothing. */
  values?: UserValues;
}

export interface MatchResult {
  decisions: Decision[];
  opened: OpenedTimer[];
  /** Timers of earlier batches that an event of this one cancelled. */
  cancelled: WaitingTimer[];
  /** Timers of earlier batches whose time was up before an event of this one. */
  elapsed: WaitingTimer[];
  firings: Firing[];
}

/**
 * Decides what a batch of events fires, opens and cancels.
 *
 * - Events count in the order in which they were received, whatever their own times say.
 * - A wait lasts from the receipt of its first event, `within` long, the end not included: an event received at
 *   that very moment no longer cancels it.
 * - One timer waits per trigger and user (per value, where the rule has `sameProperty`). The first event counts;
 *   further ones are `already_waiting` until it has ended.
 * - An event that both ends a wait and listens to the trigger ends it first, then opens the next.
 * - A cooldown looks at the moment of firing: a timer that would be due within it is not opened.
 * - An event that is resumed opens no wait, for what would have ended it may have passed; and it ends only waits that
 *   began before it was received.
 * - Events decided in an earlier try keep their decision; those that fired at once fire again, with the same keys.
 */
export function matchTriggers(input: MatchInput): MatchResult {
  const matcher = new BatchMatcher(input);
  for (const record of input.records) matcher.take(record);
  return matcher.result;
}

interface Wait {
  timer: WaitingTimer;
  /** The same timer where this batch opened it, null where it has a row already. */
  opened: OpenedTimer | null;
}

class BatchMatcher {
  readonly result: MatchResult = { decisions: [], opened: [], cancelled: [], elapsed: [], firings: [] };
  private readonly waiting = new Map<string, Wait[]>();
  /** Timers that an earlier try of this batch opened: they wait only from their own event on. */
  private readonly dormant = new Map<string, WaitingTimer>();
  private readonly lastFiredAt: Map<string, number>;
  private readonly decided = new Map<string, MatchInput['decided'][number][]>();
  private readonly unmet = new Set<string>();

  constructor(private readonly input: MatchInput) {
    this.lastFiredAt = new Map(input.lastFiredAt);
    const inBatch = new Set(input.records.map(({ eventId }) => eventId));
    for (const timer of input.timers) {
      if (inBatch.has(timer.eventId)) this.dormant.set(dealKey(timer.triggerId, timer.eventId), timer);
      else this.addWait({ timer, opened: null });
    }
    for (const decision of input.decided) push(this.decided, decision.eventId, decision);
  }

  take(record: TrackedRecord): void {
    const { on, unless } = this.input.index.lookUp(record);
    for (const trigger of unless) this.cancel(trigger, record);
    const decided = this.decided.get(record.eventId) ?? [];
    this.repeat(decided, record);
    for (const trigger of on) {
      if (!decided.some(({ triggerId }) => triggerId === trigger.triggerId)) this.evaluate(trigger, record);
    }
  }

  private cancel(trigger: TriggerVersion, record: TrackedRecord): void {
    const { unless } = trigger.rule;
    const key = userKey(trigger.triggerId, record.userId);
    const waits = this.waiting.get(key);
    if (!unless || !waits || !matchesFilters(unless.where, record.properties)) return;
    const correlation = correlationOf(unless.sameProperty, record.properties);
    for (const wait of [...waits]) {
      const { timer, opened } = wait;
      if (timer.triggerVersion !== trigger.version || timer.correlation !== correlation) continue;
      if (record.receivedAt >= timer.dueAt) continue;
      if (record.isResumed && record.receivedAt < timer.dueAt - durationMs(unless.within)) continue;
      remove(waits, wait);
      if (opened) Object.assign(opened, { state: 'cancelled', reason: 'followed_by_event' });
      else this.result.cancelled.push(timer);
      this.decide(trigger, timer, {
        outcome: 'cancelled',
        reason: 'followed_by_event',
        causedByEventId: record.eventId,
      });
    }
  }

  private repeat(decided: MatchInput['decided'], record: TrackedRecord): void {
    for (const { triggerId, triggerVersion, userId, outcome } of decided) {
      const trigger = this.input.index.find(triggerId, triggerVersion);
      // The same record may have been sent to another project too.
      if (trigger?.projectId !== record.projectId) continue;
      const timer = this.dormant.get(dealKey(triggerId, record.eventId));
      if (timer) this.addWait({ timer, opened: null });
      if (outcome === 'fired' && !trigger.rule.unless) {
        this.result.firings.push({ trigger, userId, event: toTriggerEvent(record) });
      }
    }
  }

  private evaluate(trigger: TriggerVersion, record: TrackedRecord): void {
    const unmet = this.findUnmet(trigger, record);
    if (unmet !== null) {
      // One line per user and batch tells as much as one per event, and bounds what a busy event writes.
      const key = `${userKey(trigger.triggerId, record.userId)} ${unmet}`;
      if (!this.unmet.has(key)) this.refuse(trigger, record, unmet);
      this.unmet.add(key);
    } else if (trigger.rule.unless) {
      this.open(trigger, record, trigger.rule.unless);
    } else {
      this.fire(trigger, record);
    }
  }

  private findUnmet({ rule }: TriggerVersion, { properties, userId }: TrackedRecord): NoFireReason | null {
    if (!matchesFilters(rule.on.where, properties)) return 'filter_not_met';
    const isMet = rule.on.values === undefined || this.input.values?.meet(rule.on.values, userId) === true;
    return isMet ? null : 'value_not_met';
  }

  private fire(trigger: TriggerVersion, record: TrackedRecord): void {
    const { nowMs } = this.input;
    const happenedAt = Math.min(record.time, record.receivedAt);
    if (nowMs - happenedAt > trigger.rule.latenessHours * HOUR_MS) {
      this.refuse(trigger, record, 'too_late');
    } else if (this.isCooling(trigger, record, nowMs)) {
      this.refuse(trigger, record, 'cooldown');
    } else {
      this.lastFiredAt.set(userKey(trigger.triggerId, record.userId), nowMs);
      this.result.firings.push({ trigger, userId: record.userId, event: toTriggerEvent(record) });
      this.decide(trigger, record, { outcome: 'fired', reason: null });
    }
  }

  private open(
    trigger: TriggerVersion,
    record: TrackedRecord,
    unless: NonNullable<TriggerVersion['rule']['unless']>,
  ): void {
    const waitMs = durationMs(unless.within);
    const dueAt = record.receivedAt + waitMs;
    const correlation = correlationOf(unless.sameProperty, record.properties);
    this.elapse(trigger, record);
    const waiting = this.waiting.get(userKey(trigger.triggerId, record.userId)) ?? [];
    if (record.isResumed || record.receivedAt - record.time > waitMs + LATE_ARRIVAL_MS) {
      this.refuse(trigger, record, 'too_late');
    } else if (waiting.some(({ timer }) => timer.correlation === correlation)) {
      this.refuse(trigger, record, 'already_waiting');
    } else if (this.isCooling(trigger, record, Math.max(dueAt, this.input.nowMs))) {
      this.refuse(trigger, record, 'cooldown');
    } else {
      const timer: OpenedTimer = {
        triggerId: trigger.triggerId,
        triggerVersion: trigger.version,
        projectId: trigger.projectId,
        userId: record.userId,
        eventId: record.eventId,
        correlation,
        openedAt: record.receivedAt,
        dueAt,
        event: toTriggerEvent(record),
        state: 'waiting',
        reason: null,
      };
      this.result.opened.push(timer);
      this.addWait({ timer, opened: timer });
      this.decide(trigger, record, { outcome: 'waiting', reason: null });
    }
  }

  /** Ends the waits whose time was up when this event came, though nobody has settled them yet. */
  private elapse(trigger: TriggerVersion, record: TrackedRecord): void {
    const key = userKey(trigger.triggerId, record.userId);
    const waits = this.waiting.get(key) ?? [];
    for (const wait of waits.filter(({ timer }) => timer.dueAt <= record.receivedAt)) {
      remove(waits, wait);
      if (wait.opened) wait.opened.state = 'due';
      else this.result.elapsed.push(wait.timer);
      // It is about to fire: for the cooldown it has.
      this.lastFiredAt.set(key, this.input.nowMs);
    }
  }

  private isCooling(trigger: TriggerVersion, record: TrackedRecord, fireAt: number): boolean {
    const lastFiredAt = this.lastFiredAt.get(userKey(trigger.triggerId, record.userId));
    const { cooldown } = trigger.rule;
    return cooldown !== undefined && lastFiredAt !== undefined && fireAt - lastFiredAt < durationMs(cooldown);
  }

  private refuse(trigger: TriggerVersion, record: TrackedRecord, reason: NoFireReason): void {
    this.decide(trigger, record, { outcome: 'not_fired', reason });
  }

  private decide(
    trigger: TriggerVersion,
    about: { userId: number; eventId: string },
    verdict: { outcome: DecisionOutcome; reason: NoFireReason | null; causedByEventId?: string },
  ): void {
    this.result.decisions.push({
      triggerId: trigger.triggerId,
      triggerVersion: trigger.version,
      projectId: trigger.projectId,
      userId: about.userId,
      eventId: about.eventId,
      causedByEventId: null,
      ...verdict,
    });
  }

  private addWait(wait: Wait): void {
    push(this.waiting, userKey(wait.timer.triggerId, wait.timer.userId), wait);
  }
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function remove<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}
