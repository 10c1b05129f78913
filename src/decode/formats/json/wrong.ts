import { dead, type Failure } from '../../../kernel/outcome.js';
import type { DeadReason } from '../../../kernel/reasons.js';
import { MAX_ID_LENGTH } from '../../core/identities-of-record.js';

/** What is wrong with an entry, and where in it. */
export type Wrong = Failure & { pointer: string };

export const NAME_RULE = 'A name has letters, digits, _ and $, at most 100, and no digit in front.';
export const ID_RULE = `An id is a text of 1 to ${MAX_ID_LENGTH} characters that can all be stored.`;

export function wrong(pointer: string, reason: DeadReason, detail: string): Wrong {
  return { ...dead(reason, detail), pointer };
}

/** JSON Pointer (RFC 6901) to a field. */
export function pointerTo(...path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
