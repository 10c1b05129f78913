import { parseUserId, type UserId } from '../../kernel/ids.js';
import { PROBLEMS, Problem } from '../../platform/http-server/problem.js';

/** The user that a page of users begins behind; 0 for the first page. */
export function toUserNumber(cursor: string | null): UserId {
  if (cursor === null) return 0;
  const userId = parseUserId(`usr_${cursor}`);
  if (userId === null) throw new Problem(PROBLEMS.invalidRequest, 'The cursor is not one of this list.');
  return userId;
}
