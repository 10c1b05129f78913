import { defineProblem } from '../../platform/http-server/problem.js';

export const SEGMENT_PROBLEMS = {
  tooExpensive: defineProblem('segment_too_expensive', 422, 'The segment asks for too much'),
} as const;
