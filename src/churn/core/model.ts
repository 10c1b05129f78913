import type { FittedDefinition } from './definition.js';
import type { ChurnFit, ChurnReport, ModelTables, Scores } from './fit.js';
import { BG_NBD_MODEL } from './model-bg-nbd.js';
import { LOGISTIC_MODEL } from './model-logistic.js';
import { RFM_MODEL } from './model-rfm.js';
import type { UserTable } from './table.js';

/** Fits a model of whichever kind, and judges it. @throws `CannotFit` where the users do not suffice */
export function fitModel(
  definition: FittedDefinition,
  tables: ModelTables,
): { fit: ChurnFit; report: ChurnReport } {
  switch (definition.kind) {
    case 'rfm':
      return RFM_MODEL.fit(definition, tables);
    case 'bg_nbd':
      return BG_NBD_MODEL.fit(definition, tables);
    case 'logistic':
      return LOGISTIC_MODEL.fit(definition, tables);
  }
}

/** Scores the users of a table. */
export function scoreUsers(definition: FittedDefinition, fit: ChurnFit, table: UserTable): Scores {
  if (definition.kind === 'rfm' && fit.kind === 'rfm') return RFM_MODEL.score(definition, fit, table);
  if (definition.kind === 'bg_nbd' && fit.kind === 'bg_nbd')
    return BG_NBD_MODEL.score(definition, fit, table);
  if (definition.kind === 'logistic' && fit.kind === 'logistic')
    return LOGISTIC_MODEL.score(definition, fit, table);
  throw new Error(`A fit of the kind ${fit.kind} cannot score a model of the kind ${definition.kind}.`);
}
