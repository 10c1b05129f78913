import { z } from 'zod';
import type { EventCondition } from './event-condition.js';
import { lengthOf } from './resolve-window.js';
import { EVENT_NAME, type EventChoice, FILTERS } from './sequence.js';
import { PERIOD, type Period } from './window.js';

const SUBJECT = { event: EVENT_NAME, where: FILTERS.optional() };

export const STOPPED_CONDITION = z.strictObject({
  stopped: z.strictObject({
    ...SUBJECT,
    atLeast: z.number().int().min(1).max(1_000_000).optional(),
    during: PERIOD,
    silentFor: PERIOD,
  }),
});
export const RESUMED_CONDITION = z.strictObject({
  resumed: z.strictObject({ ...SUBJECT, silentFor: PERIOD, during: PERIOD }),
});

/** Did it at least so often (default: once) in the period `during` that ended `silentFor` ago, and never since. */
export interface StoppedCondition {
  stopped: EventChoice & { atLeast?: number | undefined; during: Period; silentFor: Period };
}
/** Did it in the last `during`, not in the `silentFor` before that, and at least once earlier still. */
export interface ResumedCondition {
  resumed: EventChoice & { silentFor: Period; during: Period };
}
export type LifecycleCondition = StoppedCondition | ResumedCondition;

/** The conditions on events that a lifecycle stands for; all have to hold. */
export function expandLifecycle(condition: LifecycleCondition): EventCondition[] {
  return 'stopped' in condition ? expandStopped(condition) : expandResumed(condition);
}

function expandStopped({ stopped }: StoppedCondition): EventCondition[] {
  const { atLeast = 1, during, silentFor, ...subject } = stopped;
  return [
    { ...subject, window: { last: during, before: silentFor }, compare: { op: 'at_least', value: atLeast } },
    { ...subject, window: { last: silentFor }, compare: { op: 'at_most', value: 0 } },
  ];
}

function expandResumed({ resumed }: ResumedCondition): EventCondition[] {
  const { silentFor, during, ...subject } = resumed;
  const minutes = (lengthOf(silentFor) + lengthOf(during)) / 60_000;
  return [
    { ...subject, window: { last: during }, compare: { op: 'at_least', value: 1 } },
    { ...subject, window: { last: silentFor, before: during }, compare: { op: 'at_most', value: 0 } },
    {
      ...subject,
      window: 'all_time',
      measure: { fn: 'first_time' },
      compare: { op: 'at_least', ago: { minutes } },
    },
  ];
}
