import type { FittedDefinition } from '../core/definition.js';
import type { ChurnFit, ChurnReport } from '../core/fit.js';
import type { TableName } from '../core/plan-tables.js';
import type { ScoreRowStart } from './score-rows.js';

/** What a compute thread is started with. */
export interface ComputeSetup {
  definition: FittedDefinition;
  /** Columns of the tables that will come. */
  columns: Partial<Record<TableName, readonly string[]>>;
  row: ScoreRowStart;
}

/** What is asked of the thread: one thing at a time, each with one answer. */
export type ComputeRequest =
  | { do: 'rows'; table: TableName; bytes: Uint8Array }
  | { do: 'fit' }
  | { do: 'score'; fit: ChurnFit }
  | { do: 'next_scores' };

export interface ComputeAnswers {
  rows: null;
  fit: { fit: ChurnFit; report: ChurnReport };
  /** How many users were scored. */
  score: number;
  /** Rows for ClickHouse; null after the last. */
  next_scores: Uint8Array | null;
}
