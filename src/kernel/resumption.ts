import type { Effect } from './effects.js';
import type { TrackedRecord } from './event.js';
import type { ProjectId, UserId } from './ids.js';

/** Name of the source of what one step of the flow does again; no request can make such an envelope. */
export const RESUMED_SOURCE = 'resumed';

/** Two persons are one, but not their profiles yet: that of `from` is kept out of sight. */
export interface ProfileMerge {
  /** Number of the merge in the installation. */
  id: number;
  projectId: ProjectId;
  from: UserId;
  into: UserId;
}

/**
 * What one step of the flow refused, though the steps before it had taken the rest of it. Its replay is for that step
 * alone: the record is stored, and what the other steps made of it stays.
 */
export type Resumption =
  | { step: 'profile'; merge: ProfileMerge }
  | { step: 'trigger' | 'attribute'; record: TrackedRecord }
  | { step: 'effects'; effect: Effect };
