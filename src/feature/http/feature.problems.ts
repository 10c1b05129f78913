import { defineProblem } from '../../platform/http-server/problem.js';

export const FEATURE_PROBLEMS = {
  labelNotKnown: defineProblem('label_not_known_yet', 409, 'The labels of the snapshot are not known yet'),
  noLabel: defineProblem('no_label', 409, 'The feature set has no label'),
} as const;
