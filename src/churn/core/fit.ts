import type { BgNbdFit } from './bg-nbd.js';
import type { GammaGammaFit } from './gamma-gamma.js';
import type { LogisticFit } from './logistic.js';
import type { auc, CalibrationBin } from './metrics.js';
import type { TableName } from './plan-tables.js';
import type { QuintileBounds } from './rfm.js';
import type { UserTable } from './table.js';

export type ModelTables = Partial<Record<TableName, UserTable>>;

/** What was learned: all that scoring needs. Kept as JSON. */
export type ChurnFit =
  | { kind: 'rfm'; recency: QuintileBounds; frequency: QuintileBounds; monetary: QuintileBounds | null }
  | { kind: 'bg_nbd'; purchases: BgNbdFit; spending: GammaGammaFit | null }
  | { kind: 'logistic'; model: LogisticFit }
  | OnnxFit;

/** What the scores of a model that was brought along came from. */
export interface OnnxFit {
  kind: 'onnx';
  fileId: string;
  sha256: string;
  snapshotId: string;
  /** Nothing at or after it is in any feature that was scored; ISO 8601. */
  cutoff: string;
  /** The snapshot whose labels judged the model; null where none did. */
  judgedBy: { snapshotId: string; cutoff: string } | null;
}

/** How good a ranking is; null where everyone or nobody churned. */
export interface Ranking {
  auc: ReturnType<typeof auc>;
  liftInTopDecile: number | null;
}

/** What became of users who were scored as of an earlier moment. */
export interface Validation extends Ranking {
  users: number;
  churned: number;
  calibration: CalibrationBin[];
  /** The same users ranked by the days since they were last active, without any model. */
  baseline: Ranking;
}

/** Customers with the same number of repeat purchases: what was expected of them in the held-out days, and what came. */
export interface HoldoutRow {
  repeatPurchases: number;
  orMore: boolean;
  customers: number;
  expected: number;
  actual: number;
}

export interface ChurnReport {
  /** Users the model was fitted on; 0 for one that was trained elsewhere. */
  users: number;
  /** Null where nothing was held out. */
  validation: Validation | null;
  /** bg_nbd only. */
  holdout: HoldoutRow[] | null;
  /** For people: what makes the model doubtful. */
  warnings: string[];
}

/** Of each user of a table the score, 0 to 1, the higher the more surely gone; and what else the model tells; NaN: nothing. */
export interface Scores {
  score: Float64Array;
  values: Record<string, Float64Array>;
}

/** The users do not suffice for the model; the message is for people. */
export class CannotFit extends Error {}
