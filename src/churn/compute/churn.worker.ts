/**
 * The thread that fits and scores, so that the event loop of the process stays free. It gets the rows of its tables
 * as bytes of ClickHouse, and gives the scores as such.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { CannotFit, type Scores } from '../core/fit.js';
import { fitModel, scoreUsers } from '../core/model.js';
import type { TableName } from '../core/plan-tables.js';
import { readTable, type UserTable } from '../core/table.js';
import type { Reply } from './answers.js';
import type { ComputeRequest, ComputeSetup } from './messages.js';
import { writeScoreRows } from './score-rows.js';

const USERS_PER_CHUNK = 50_000;

const setup = workerData as ComputeSetup;
const chunks: Partial<Record<TableName, Uint8Array[]>> = {};
const tables: Partial<Record<TableName, UserTable>> = {};
let scored: { table: UserTable; scores: Scores; next: number } | null = null;

function answer(request: ComputeRequest): unknown {
  switch (request.do) {
    case 'rows': {
      const ofTable = chunks[request.table] ?? [];
      ofTable.push(request.bytes);
      chunks[request.table] = ofTable;
      return null;
    }
    case 'fit':
      readTables();
      return fitModel(setup.definition, tables);
    case 'score': {
      readTables();
      if (!tables.score) throw new Error('There is no table to score.');
      scored = {
        table: tables.score,
        scores: scoreUsers(setup.definition, request.fit, tables.score),
        next: 0,
      };
      return tables.score.users.length;
    }
    case 'next_scores':
      return nextScores();
  }
}

/** Reads what came since; the bytes are let go. */
function readTables(): void {
  for (const [name, columns] of Object.entries(setup.columns) as [TableName, readonly string[]][]) {
    tables[name] ??= readTable(chunks[name] ?? [], columns);
    delete chunks[name];
  }
}

function nextScores(): Uint8Array | null {
  if (!scored) throw new Error('Nobody is scored yet.');
  const { table, scores, next } = scored;
  if (next >= table.users.length) return null;
  const end = Math.min(next + USERS_PER_CHUNK, table.users.length);
  const details = Object.entries(scores.values);
  const rows = writeScoreRows(
    setup.row,
    Array.from({ length: end - next }, (_, offset) => {
      const i = next + offset;
      return {
        userId: Number(table.users[i]),
        score: scores.score[i] ?? Number.NaN,
        details: details.map(([name, values]) => [name, values[i] ?? Number.NaN] as const),
      };
    }),
  );
  scored.next = end;
  // A copy without the spare room of the writer: its memory moves to the other thread.
  return new Uint8Array(rows);
}

parentPort?.on('message', (request: ComputeRequest) => {
  let reply: Reply;
  try {
    reply = { ok: true, value: answer(request) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    reply = { ok: false, message, isRefusal: error instanceof CannotFit };
  }
  parentPort?.postMessage(
    reply,
    reply.ok && reply.value instanceof Uint8Array ? [reply.value.buffer as ArrayBuffer] : [],
  );
});
