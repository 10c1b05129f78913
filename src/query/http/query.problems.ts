import { defineProblem } from '../../platform/http-server/problem.js';

export const QUERY_PROBLEMS = {
  tooSlow: defineProblem('query_too_slow', 422, 'The query takes too long'),
  tooManyRows: defineProblem('query_too_many_rows', 422, 'The query reads too much'),
  tooMuchMemory: defineProblem('query_too_much_memory', 422, 'The query needs too much memory'),
  tooManyQueries: defineProblem('too_many_queries', 429, 'Too many queries run at once'),
  // The code that nginx made known; nobody is left to read it.
  cancelled: defineProblem('query_cancelled', 499, 'The client went away'),
} as const;
