import type { Effect } from '../kernel/effects.js';
import type { TrackedRecord } from '../kernel/event.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

export abstract class Attribution {
  /**
   * Matches arrivals (first events, installs) among new events with ad clicks, and queues the networks' callbacks.
   * What it decides is durable when it resolves; matching the same events again changes nothing.
   * @returns the attributions as events for the users' timelines
   */
  abstract matchArrivals(records: readonly TrackedRecord[]): Promise<Effect[]>;
}

/** What the stage has to do again and again, by one process of the installation at a time. */
export abstract class AttributionUpkeep {
  abstract tasks(): UpkeepTask[];
}
