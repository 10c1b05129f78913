import { formatUserId } from '../../kernel/ids.js';
import type { ExplainedCondition, KnownEvent } from '../core/explain-segment.js';
import type { Change } from '../core/find-changes.js';
import type { Explanation } from '../explain.service.js';

/** An explanation as the API shows it. */
export function toExplanation({ userId, isMember, where, changes }: Explanation, asOf: number) {
  return {
    userId: formatUserId(userId),
    asOf: toText(asOf),
    isMember,
    where: toCondition(where),
    changes: changes.map(toChange),
  };
}

function toCondition(explained: ExplainedCondition): unknown {
  const { threshold, window, condition, actual, source } = explained;
  const isTime = condition !== null && 'compare' in condition && !('value' in condition.compare);
  const toValue = (value: number) => (isTime ? toText(value) : value);
  return {
    ...explained,
    actual: actual === null ? null : toValue(actual),
    threshold: threshold && { op: threshold.op, value: toValue(threshold.value) },
    source: source && { id: source.id, asOf: toText(source.asOf) },
    window: window && {
      from: window.from === null ? null : toText(window.from),
      until: toText(window.until),
    },
    firstEvents: explained.firstEvents.map(toEvent),
    lastEvents: explained.lastEvents.map(toEvent),
    children: explained.children.map(toCondition),
  };
}

function toEvent({ eventId, event, time }: KnownEvent) {
  return { eventId, event, time: toText(time) };
}

function toChange(change: Change) {
  return change.kind === 'wait' ? { ...change, until: toText(change.until) } : change;
}

function toText(ms: number): string {
  return new Date(ms).toISOString();
}
