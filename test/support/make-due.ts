import { Client } from 'pg';
import type { Rekindle } from './rekindle.js';
import { databaseUrlOf } from './stores.js';

/**
 * Puts what a schedule of every minute will start a minute earlier, so that it is due.
 * @param id as the API shows it
 * @returns when it was due; where another minute begins before it starts, it is as of that one
 */
export async function makeDue(
  rekindle: Rekindle,
  table: 'segment' | 'feature_set' | 'churn_model',
  id: string,
): Promise<string> {
  const [row] = await change<{ next_run_at: Date }>(
    rekindle,
    `UPDATE ${table} SET next_run_at = next_run_at - interval '1 minute' WHERE id = $1 RETURNING next_run_at`,
    [id],
  );
  if (!row) throw new Error(`There is no ${table} ${id}.`);
  return row.next_run_at.toISOString();
}

/** As if a minute had passed since a process was killed: what its runs were held by, and their wait for a worker, is over. */
export async function endLeases(
  rekindle: Rekindle,
  table: 'segment_run' | 'feature_snapshot',
): Promise<void> {
  await change(
    rekindle,
    `UPDATE ${table} SET lease_until = lease_until - interval '1 minute', queued_at = queued_at - interval '1 minute'
     WHERE state IN ('queued', 'running')`,
    [],
  );
}

/** As if a worker were at a run of a churn model, or as if it had ended. */
export async function occupy(rekindle: Rekindle, runId: string, isBusy: boolean): Promise<void> {
  await change(
    rekindle,
    isBusy
      ? `UPDATE churn_run SET state = 'running', lease_until = now() + interval '1 hour' WHERE id = $1`
      : `UPDATE churn_run SET state = 'done', lease_until = NULL WHERE id = $1`,
    [runId],
  );
}

async function change<Row extends object>(
  rekindle: Rekindle,
  sql: string,
  values: readonly string[],
): Promise<Row[]> {
  const client = new Client({ connectionString: await databaseUrlOf(rekindle) });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
