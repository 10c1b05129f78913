import { lengthOf } from './resolve-window.js';
import type { EventChoice, SequenceCondition } from './sequence.js';

/** A step that was reached, with the steps before it. */
interface Reached<Event> {
  event: Event;
  before: Reached<Event> | null;
  /** When the first step was, ms since 1970. */
  beganAt: number;
}

/** For each step, where it was reached with the latest first step. */
type Latest<Event> = (Reached<Event> | null)[];

interface Moment<Event> {
  steps: (Event | undefined)[];
  /** Which steps' `without` something of this moment is. */
  disturbed: Set<number>;
}

/**
 * The events with which a user went through a sequence, one for each step; null where none did.
 * @param select the events of the window that a step chooses
 */
export function findSequence<Event extends { time: number }>(
  { sequence, within }: Pick<SequenceCondition, 'sequence' | 'within'>,
  select: (choice: EventChoice) => readonly Event[],
): Event[] | null {
  const latest: Latest<Event> = sequence.map(() => null);
  for (const [time, { steps, disturbed }] of momentsOf(sequence, select)) {
    for (const step of disturbed) latest[step - 1] = null;
    const end = advance(latest, steps, time);
    if (end && time - end.beganAt <= lengthOf(within)) return toEvents(end);
  }
  return null;
}

/** Takes in the events of one moment; @returns the last step where it was reached. */
function advance<Event>(
  latest: Latest<Event>,
  steps: Moment<Event>['steps'],
  time: number,
): Reached<Event> | null {
  const reach = (step: number): Reached<Event> | null => {
    const event = steps[step];
    const before = latest[step - 1] ?? null;
    if (!event || (step > 0 && !before)) return null;
    return { event, before, beganAt: before?.beganAt ?? time };
  };
  // All steps follow on what was there before the moment, so that none follows on one of the same moment.
  const reached = latest.map((_, step) => reach(step));
  for (const [step, each] of reached.entries()) {
    if (each && each.beganAt >= (latest[step]?.beganAt ?? 0)) latest[step] = each;
  }
  return reached.at(-1) ?? null;
}

function momentsOf<Event extends { time: number }>(
  sequence: SequenceCondition['sequence'],
  select: (choice: EventChoice) => readonly Event[],
): [number, Moment<Event>][] {
  const moments = new Map<number, Moment<Event>>();
  const at = (time: number) => {
    const moment = moments.get(time) ?? { steps: [], disturbed: new Set<number>() };
    moments.set(time, moment);
    return moment;
  };
  for (const [step, choice] of sequence.entries()) {
    for (const event of select(choice)) at(event.time).steps[step] = event;
    for (const { time } of (choice.without ?? []).flatMap(select)) at(time).disturbed.add(step);
  }
  return [...moments].sort(([a], [b]) => a - b);
}

function toEvents<Event>(reached: Reached<Event>): Event[] {
  return [...(reached.before ? toEvents(reached.before) : []), reached.event];
}
