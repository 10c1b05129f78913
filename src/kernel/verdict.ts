import type { Failure } from './outcome.js';
import type { DeadReason } from './reasons.js';

/** One record of a request that cannot be stored. */
export interface Rejection {
  /** Its place in the request, from 0. */
  index: number;
  /** JSON Pointer (RFC 6901) into the body to what is wrong. */
  pointer: string;
  code: DeadReason;
  /** For people: what to change. */
  detail: string;
}

/** What the records of a request are worth, found before they are stored. */
export interface Verdict {
  /** How many can be stored. */
  accepted: number;
  rejected: Rejection[];
  /** Why nothing of the request can be read; null where its records were looked at one by one. */
  failure: Failure | null;
}
