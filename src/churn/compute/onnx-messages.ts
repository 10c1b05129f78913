import type { FileFault, ModelShape } from '../core/check-onnx.js';
import type { Validation } from '../core/fit.js';
import type { OnnxDefinition } from '../core/onnx-definition.js';

/** What is asked of the process that runs a model: one thing at a time, each with one answer. */
export type OnnxRequest =
  | { do: 'open'; file: Uint8Array; definition: OnnxDefinition }
  /** Rows of a snapshot, as `snapshotSql` gives them. */
  | { do: 'score'; rows: Uint8Array }
  /** The same with the days since the last activity and the label behind; they are kept until `judge`. */
  | { do: 'score_known'; rows: Uint8Array }
  | { do: 'judge' };

export interface OnnxAnswers {
  open: { shape: ModelShape | null; faults: FileFault[] };
  /** The score is NaN where there is none: the user is left out, or the model gave no number. */
  score: { users: BigUint64Array; scores: Float64Array };
  score_known: null;
  /** null where no user has both a score and a label. */
  judge: Validation | null;
}
