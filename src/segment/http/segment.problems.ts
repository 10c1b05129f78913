import { defineProblem, Problem } from '../../platform/http-server/problem.js';

export const SEGMENT_PROBLEMS = {
  tooExpensive: defineProblem('segment_too_expensive', 422, 'The segment asks for too much'),
  membersDropped: defineProblem('members_dropped', 410, 'The members are no longer kept'),
  exportGone: defineProblem('export_gone', 410, 'The file is no longer there'),
  notExplainable: defineProblem('segment_not_explainable', 422, 'A segment in SQL cannot be explained'),
} as const;

/** A definition that asks for more than a run may take; `detail` names the limit and what to change. */
export function tooExpensive(detail: string, pointer = '/definition/where'): Problem {
  return new Problem(SEGMENT_PROBLEMS.tooExpensive, detail, [{ pointer, code: 'too_much', detail }]);
}

/** Members of an old run are dropped after a while; its counts stay. */
export function membersDropped(runId: string, at: Date): Problem {
  return new Problem(
    SEGMENT_PROBLEMS.membersDropped,
    `The members of the run ${runId} were dropped at ${at.toISOString()}: run the segment again as of its moment.`,
  );
}
