/** Features and scores that templates name: `computed.features.<set>.<name>`, `computed.scores.<model>.<part>`. */
export interface ComputedNames {
  /** Ids or names of feature sets. */
  sets: Set<string>;
  /** Ids or names of churn models. */
  models: Set<string>;
}

/** The variable that holds what was computed of a user. */
export const COMPUTED = 'computed';

/** @param variables full names of the variables of templates */
export function computedNamesOf(variables: Iterable<string>): ComputedNames {
  const names: ComputedNames = { sets: new Set(), models: new Set() };
  for (const variable of variables) {
    const [root, kind, owner] = variable.split('.');
    if (root !== COMPUTED || owner === undefined) continue;
    if (kind === 'features') names.sets.add(owner);
    if (kind === 'scores') names.models.add(owner);
  }
  return names;
}
