import { RowWriter } from '../../platform/clickhouse/row-writer.js';

/** What every row of scores begins with. */
export interface ScoreRowStart {
  projectId: number;
  modelId: string;
  runId: string;
  attempt: number;
}

/** One user's score, and what else the model tells; what is no number is left out. */
export interface ScoreRow {
  userId: number;
  score: number;
  details: readonly (readonly [name: string, value: number])[];
}

/** Rows of scores as ClickHouse takes them, in the order of `SCORE_TARGET`. */
export function writeScoreRows(
  { projectId, modelId, runId, attempt }: ScoreRowStart,
  scored: Iterable<ScoreRow>,
): Uint8Array {
  const rows = new RowWriter();
  for (const { userId, score, details } of scored) {
    rows.uint32(projectId);
    rows.text(modelId);
    rows.text(runId);
    rows.uint8(attempt & 0xff);
    rows.uint8(attempt >> 8);
    rows.int64(userId);
    rows.float64(score);
    rows.numberMap(details.filter(([, value]) => Number.isFinite(value)));
  }
  return rows.toBuffer();
}
