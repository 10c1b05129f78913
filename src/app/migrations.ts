import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { POSTGRES_MIGRATIONS } from '../../migrations/postgres/index.js';
import { ClickHouseMigrator } from '../platform/clickhouse/migrate-clickhouse.js';
import { Database } from '../platform/db/database.js';
import { log } from '../platform/log/log.js';
import { ENTITIES } from './entities.js';
import { StartError } from './start-error.js';

/** The compiled service lies in dist/; the SQL files stay at the top of the project. */
const CLICKHOUSE_MIGRATIONS = join(dirname(fileURLToPath(import.meta.url)), '../../../migrations/clickhouse');

export function connectDatabase(url: string, poolSize: number): Promise<Database> {
  return Database.connect({ url, poolSize, entities: ENTITIES, migrations: [...POSTGRES_MIGRATIONS] });
}

export function loadClickHouseMigrator(url: string, database: string): Promise<ClickHouseMigrator> {
  return ClickHouseMigrator.load({ url, database, folder: CLICKHOUSE_MIGRATIONS });
}

/** Applies what is pending in both stores, or refuses to go on while anything is. */
export async function migrate(
  stores: { db: Database; clickhouse: ClickHouseMigrator },
  mode: 'auto' | 'check',
): Promise<void> {
  if (mode === 'check') return refusePending(stores);
  const applied = await stores.db.source.runMigrations();
  const clickhouse = await stores.clickhouse.run();
  const names = [...applied.map(({ name }) => name), ...clickhouse];
  if (names.length > 0) log.info({ migrations: names }, 'migrations applied');
}

async function refusePending(stores: { db: Database; clickhouse: ClickHouseMigrator }): Promise<void> {
  const isPostgresBehind = await stores.db.source.showMigrations();
  const pending = await stores.clickhouse.pending();
  if (!isPostgresBehind && pending.length === 0) return;
  const where = [isPostgresBehind ? 'PostgreSQL' : '', pending.length > 0 ? 'ClickHouse' : '']
    .filter(Boolean)
    .join(' and ');
  throw new StartError(
    `There are pending migrations in ${where}: make a backup, then run "npm run migrate", or start with MIGRATE=auto.`,
  );
}
