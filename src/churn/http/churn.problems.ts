import { defineProblem } from '../../platform/http-server/problem.js';

export const CHURN_PROBLEMS = {
  noRuntime: defineProblem('model_runtime_missing', 501, 'Models cannot be run by this installation'),
  fileRefused: defineProblem('model_file_refused', 422, 'The file cannot be used'),
} as const;
