import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TrackedRecord } from '../../kernel/event.js';
import { matchesFilters } from '../../kernel/property-filter.js';
import { type Decision, userKey, type WaitingTimer } from './decision.js';
import { matchTriggers } from './match-trigger.js';
import { durationMs, HOUR_MS, type TriggerRule, type TriggerVersion } from './rule.js';
import { RuleIndex } from './rule-index.js';

const START = Date.UTC(2026, 0, 10);
const SECOND = 1_000;

type Line = string;
const line = (triggerId: string, eventId: string, outcome: string, reason: string | null): Line =>
  [triggerId, eventId, outcome, reason ?? ''].join(' ').trim();

/** One event at a time, every trigger looked at, nothing indexed: slow, and plain to read. */
class NaiveModel {
  readonly lines: Line[] = [];
  private timers: { trigger: TriggerVersion; userId: number; record: TrackedRecord; dueAt: number }[] = [];
  private readonly firedAt = new Map<string, number>();

  constructor(private readonly triggers: readonly TriggerVersion[]) {}

  take(record: TrackedRecord, nowMs: number): void {
    for (const { triggerId, rule } of this.triggers) {
      const unless = rule.unless;
      if (unless?.event !== record.event || !matchesFilters(unless.where, record.properties)) continue;
      const hit = this.timers.filter(
        (timer) =>
          timer.trigger.triggerId === triggerId &&
          timer.userId === record.userId &&
          record.receivedAt < timer.dueAt &&
          (!unless.sameProperty ||
            timer.record.properties[unless.sameProperty] === record.properties[unless.sameProperty]),
      );
      for (const timer of hit)
        this.lines.push(line(triggerId, timer.record.eventId, 'cancelled', 'followed_by_event'));
      this.timers = this.timers.filter((timer) => !hit.includes(timer));
    }
    for (const trigger of this.triggers) {
      if (trigger.rule.on.event === record.event) this.listen(trigger, record, nowMs);
    }
  }

  /** Timers fire when they are settled, the earliest first. */
  settle(nowMs: number): void {
    const due = this.timers.filter(({ dueAt }) => dueAt <= nowMs).sort((a, b) => a.dueAt - b.dueAt);
    this.timers = this.timers.filter(({ dueAt }) => dueAt > nowMs);
    for (const { trigger, userId, record } of due) {
      const reason = this.isCooling(trigger, userId, nowMs) ? 'cooldown' : null;
      this.lines.push(line(trigger.triggerId, record.eventId, reason ? 'cancelled' : 'fired', reason));
      if (!reason) this.firedAt.set(userKey(trigger.triggerId, userId), nowMs);
    }
  }

  private listen(trigger: TriggerVersion, record: TrackedRecord, nowMs: number): void {
    const { triggerId, rule } = trigger;
    const { userId, eventId } = record;
    if (!matchesFilters(rule.on.where, record.properties)) return;
    if (!rule.unless) {
      const reason = this.isCooling(trigger, userId, nowMs) ? 'cooldown' : null;
      this.lines.push(line(triggerId, eventId, reason ? 'not_fired' : 'fired', reason));
      if (!reason) this.firedAt.set(userKey(triggerId, userId), nowMs);
      return;
    }
    const dueAt = record.receivedAt + durationMs(rule.unless.within);
    const own = this.timers.filter(
      (timer) => timer.trigger.triggerId === triggerId && timer.userId === userId,
    );
    const property = rule.unless.sameProperty;
    const isWaiting = own.some(
      (timer) =>
        timer.dueAt > record.receivedAt &&
        (!property || timer.record.properties[property] === record.properties[property]),
    );
    const isAboutToFire = own.some((timer) => timer.dueAt <= record.receivedAt);
    const isCooling =
      rule.cooldown &&
      (this.isCooling(trigger, userId, Math.max(dueAt, nowMs)) ||
        (isAboutToFire && Math.max(dueAt, nowMs) - nowMs < durationMs(rule.cooldown)));
    if (isWaiting) this.lines.push(line(triggerId, eventId, 'not_fired', 'already_waiting'));
    else if (isCooling) this.lines.push(line(triggerId, eventId, 'not_fired', 'cooldown'));
    else {
      this.lines.push(line(triggerId, eventId, 'waiting', null));
      this.timers.push({ trigger, userId, record, dueAt });
    }
  }

  private isCooling({ triggerId, rule }: TriggerVersion, userId: number, at: number): boolean {
    const firedAt = this.firedAt.get(userKey(triggerId, userId));
    return rule.cooldown !== undefined && firedAt !== undefined && at - firedAt < durationMs(rule.cooldown);
  }
}

/** What the database would hold between batches. */
class Tables {
  readonly decisions: Decision[] = [];
  private open: (WaitingTimer & { isDue: boolean })[] = [];
  private readonly firedAt = new Map<string, number>();
  private readonly index: RuleIndex;

  constructor(private readonly triggers: readonly TriggerVersion[]) {
    this.index = new RuleIndex(triggers);
  }

  match(records: readonly TrackedRecord[], nowMs: number) {
    const lastFiredAt = new Map(this.firedAt);
    for (const timer of this.open) {
      if (timer.isDue) lastFiredAt.set(userKey(timer.triggerId, timer.userId), nowMs);
    }
    const inBatch = new Set(records.map(({ eventId }) => eventId));
    const result = matchTriggers({
      index: this.index,
      records,
      timers: this.open.filter(({ isDue }) => !isDue).map(({ isDue: _, ...timer }) => timer),
      lastFiredAt,
      decided: this.decisions.filter(({ eventId }) => inBatch.has(eventId)),
      nowMs,
    });
    const isSame = (a: WaitingTimer) => (b: WaitingTimer) =>
      a.triggerId === b.triggerId && a.eventId === b.eventId;
    this.open = this.open.filter((timer) => !result.cancelled.some(isSame(timer)));
    for (const timer of this.open) if (result.elapsed.some(isSame(timer))) timer.isDue = true;
    for (const timer of result.opened) {
      if (timer.state !== 'cancelled') this.open.push({ ...timer, isDue: timer.state === 'due' });
    }
    this.decisions.push(...result.decisions);
    for (const { trigger, userId } of result.firings)
      this.firedAt.set(userKey(trigger.triggerId, userId), nowMs);
    return result;
  }

  settle(nowMs: number): void {
    const due = this.open.filter(({ dueAt }) => dueAt <= nowMs).sort((a, b) => a.dueAt - b.dueAt);
    this.open = this.open.filter(({ dueAt }) => dueAt > nowMs);
    for (const timer of due) {
      const trigger = this.triggers.find(({ triggerId }) => triggerId === timer.triggerId)!;
      const key = userKey(timer.triggerId, timer.userId);
      const { cooldown } = trigger.rule;
      const isCooling = cooldown && nowMs - (this.firedAt.get(key) ?? 0) < durationMs(cooldown);
      if (!isCooling) this.firedAt.set(key, nowMs);
      this.decisions.push({
        ...timer,
        projectId: 1,
        outcome: isCooling ? 'cancelled' : 'fired',
        reason: isCooling ? 'cooldown' : null,
        causedByEventId: null,
      });
    }
  }

  lines(): Line[] {
    return this.decisions
      .filter(({ reason }) => reason !== 'filter_not_met')
      .map(({ triggerId, eventId, outcome, reason }) => line(triggerId, eventId, outcome, reason));
  }
}

const EVENTS = ['A', 'B', 'C'];
const where = fc.constantFrom<TriggerRule['on']['where']>(
  [],
  [{ property: 'p', op: 'equals', value: 1 }],
  [{ property: 'p', op: 'in', values: [1, 2, 2] }],
  [{ property: 'p', op: 'less_than', value: 2 }],
);
const seconds = fc.integer({ min: 1, max: 20 }).map((n) => ({ seconds: n }));
const rule = fc
  .record({
    on: fc.record({ event: fc.constantFrom(...EVENTS), where }),
    unless: fc.option(
      fc.record(
        {
          event: fc.constantFrom(...EVENTS),
          where,
          within: seconds,
          sameProperty: fc.constant('p'),
        },
        { requiredKeys: ['event', 'where', 'within'] },
      ),
      { nil: undefined },
    ),
    cooldown: fc.option(seconds, { nil: undefined }),
  })
  .map((part): TriggerRule => ({ version: 1, latenessHours: 24, actions: [{ type: 'note' }], ...part }));
/** Few and many: beyond 32 on one event the index looks them up by value. */
const rules = fc.oneof(
  fc.array(rule, { minLength: 1, maxLength: 4 }),
  fc.array(rule, { minLength: 120, maxLength: 140 }),
);
const step = fc.record({
  afterMs: fc.constantFrom(0, 1, 500, SECOND, 5 * SECOND, 10 * SECOND),
  event: fc.constantFrom(...EVENTS),
  userId: fc.constantFrom(1, 2),
  p: fc.option(fc.constantFrom(1, 2, 3), { nil: null }),
  /** Whether the batch ends before this event, timers are settled then, and the batch is then matched twice. */
  endsBatch: fc.boolean(),
  settles: fc.boolean(),
  repeats: fc.boolean(),
});

describe('matching by batches', () => {
  it('decides what one event at a time would decide, however the batches fall and whichever are repeated', () => {
    fc.assert(
      fc.property(rules, fc.array(step, { maxLength: 40 }), (someRules, steps) => {
        const triggers = someRules.map(
          (some, i): TriggerVersion => ({
            triggerId: `trg_${String(i).padStart(3, '0')}`,
            version: 1,
            projectId: 1,
            name: 'any',
            rule: some,
            isCurrent: true,
          }),
        );
        const naive = new NaiveModel(triggers);
        const tables = new Tables(triggers);
        let nowMs = START;
        let batch: TrackedRecord[] = [];
        const flush = (repeats: boolean, settles: boolean) => {
          for (const record of batch) naive.take(record, nowMs);
          const first = tables.match(batch, nowMs);
          if (repeats) expect(keysOf(tables.match(batch, nowMs))).toEqual(keysOf(first));
          batch = [];
          if (settles) {
            naive.settle(nowMs);
            tables.settle(nowMs);
          }
        };
        steps.forEach(({ endsBatch, settles, repeats, afterMs, ...what }, i) => {
          if (endsBatch) flush(repeats, settles);
          nowMs += afterMs;
          batch.push(toRecord(what, i, nowMs));
        });
        flush(true, true);
        nowMs += HOUR_MS;
        flush(false, true);
        expect(tables.lines().sort()).toEqual(naive.lines.sort());
      }),
      { numRuns: 150 },
    );
  });
});

function keysOf(result: ReturnType<Tables['match']>): string[] {
  return result.firings
    .map(({ trigger, userId, event }) => `${trigger.triggerId} ${userId} ${event.eventId}`)
    .sort();
}

function toRecord(
  { event, userId, p }: { event: string; userId: number; p: number | null },
  i: number,
  receivedAt: number,
): TrackedRecord {
  return {
    eventId: `e${i}`,
    projectId: 1,
    type: 'track',
    event,
    distinctId: `d${userId}`,
    identities: {},
    originalId: null,
    time: receivedAt,
    clientTime: receivedAt,
    receivedAt,
    source: 'test/1',
    properties: { p },
    userId,
  };
}
