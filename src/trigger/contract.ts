import type { Effect } from '../kernel/effects.js';
import type { TrackedRecord } from '../kernel/event.js';
import type { UserId } from '../kernel/ids.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

export abstract class Triggers {
  /**
   * Evaluates the triggers of the project over new events, in order: fires, opens timers and cancels them.
   * Decisions and timers are durable when it resolves; the effects are for the caller to dispatch.
   * Matching the same events again gives the same effects and no further timers. An event with `isResumed` may come
   * behind later ones.
   */
  abstract match(records: readonly TrackedRecord[]): Promise<Effect[]>;
  /**
   * Hands timers and decisions of absorbed persons to those they were merged into.
   * Call it before `match` of the records that caused the merges; the same merges again change nothing.
   */
  abstract usersMerged(merges: readonly { from: UserId; into: UserId }[]): Promise<void>;
  /**
   * Gives timers and decisions back to persons whose merge was undone. A timer that the merge cancelled stays so.
   * Call it before `usersMerged` and `match` of the same batch; the same splits again change nothing.
   */
  abstract usersSplit(
    splits: readonly { restored: UserId; from: UserId; family: readonly UserId[] }[],
  ): Promise<void>;
}

/** Until when every received event has been evaluated, ms since 1970; bound in `flow` to the journal. */
export abstract class EvaluatedUntil {
  abstract get(): Promise<number>;
}

/** Periodic work of the stage, run by `flow/schedule.ts`. */
export abstract class TriggerUpkeep {
  abstract tasks(): UpkeepTask[];
}
