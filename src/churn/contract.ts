import type { UpkeepTask } from '../kernel/upkeep.js';

/** Periodic work of the stage, for the scheduler. */
export abstract class ChurnUpkeep {
  abstract tasks(): UpkeepTask[];
}
