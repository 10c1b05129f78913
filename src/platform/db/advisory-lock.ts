import type { Database } from './database.js';

/**
 * Holds a PostgreSQL advisory lock on a connection of its own for as long as `work` runs.
 * @returns what `work` returned, or null at once where another process holds the lock
 */
export async function withAdvisoryLock<T>(
  db: Database,
  name: string,
  work: () => Promise<T>,
): Promise<T | null> {
  const runner = db.source.createQueryRunner();
  try {
    const [row] = (await runner.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held', [
      name,
    ])) as {
      held: boolean;
    }[];
    if (!row?.held) return null;
    try {
      return await work();
    } finally {
      await runner.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}
