import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';

/** The first version with the projection settings of migration 0048; the embedded engine is of this one. */
const NEEDED_VERSION = [26, 7] as const;

export interface ClickHouseMigration {
  name: string;
  statements: string[];
}

/** ClickHouse's migrations: numbered SQL files that can be run again, applied in order and recorded. */
export class ClickHouseMigrator {
  private constructor(
    private readonly url: string,
    private readonly database: string,
    private readonly migrations: readonly ClickHouseMigration[],
  ) {}

  static async load(options: { url: string; database: string; folder: string }): Promise<ClickHouseMigrator> {
    const names = (await readdir(options.folder)).filter((name) => name.endsWith('.sql')).sort();
    const migrations = await Promise.all(
      names.map(async (name) => ({
        name: name.replace(/\.sql$/, ''),
        statements: splitStatements(await readFile(join(options.folder, name), 'utf8'), options),
      })),
    );
    return new ClickHouseMigrator(options.url, options.database, migrations);
  }

  /** Names of the migrations that the database has not seen; all of them where it does not exist. */
  async pending(): Promise<string[]> {
    const applied = await this.applied();
    return this.migrations.map(({ name }) => name).filter((name) => !applied.has(name));
  }

  /** @throws Error where the server is too old */
  async run(): Promise<string[]> {
    await this.refuseOldServer();
    await this.command(`CREATE DATABASE IF NOT EXISTS ${this.database}`, 'default');
    await this.command(
      'CREATE TABLE IF NOT EXISTS migration (name String, checksum String, applied_at DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY name',
    );
    const applied = await this.applied();
    const pending = this.migrations.filter(({ name }) => !applied.has(name));
    for (const { name, statements } of pending) {
      for (const statement of statements) await this.command(statement);
      const checksum = createHash('sha256').update(statements.join(';')).digest('hex').slice(0, 16);
      await this.command(
        'INSERT INTO migration (name, checksum) VALUES ({name:String}, {checksum:String})',
        this.database,
        {
          name,
          checksum,
        },
      );
    }
    return pending.map(({ name }) => name);
  }

  private async applied(): Promise<Set<string>> {
    const tables = await this.query(
      'SELECT 1 FROM system.tables WHERE database = {database:String} AND name = {name:String}',
      { database: this.database, name: 'migration' },
    );
    if (tables.length === 0) return new Set();
    const rows = await this.query<{ name: string }>('SELECT name FROM {database:Identifier}.migration', {
      database: this.database,
    });
    return new Set(rows.map(({ name }) => name));
  }

  private async refuseOldServer(): Promise<void> {
    const [row] = await this.query<{ version: string }>('SELECT version() AS version');
    const version = row?.version ?? '';
    if (isOlder(version))
      throw new Error(
        `ClickHouse is ${version}, and ${NEEDED_VERSION.join('.')} or later is needed. Upgrade the server of CLICKHOUSE_URL.`,
      );
  }

  private async query<Row>(sql: string, params: Record<string, string> = {}): Promise<Row[]> {
    const client = createClient({ url: this.url });
    try {
      const result = await client.query({ query: sql, query_params: params, format: 'JSONEachRow' });
      return await result.json<Row>();
    } finally {
      await client.close();
    }
  }

  private async command(
    sql: string,
    database = this.database,
    params: Record<string, string> = {},
  ): Promise<void> {
    const client = createClient({ url: this.url, database });
    try {
      await client.command({ query: sql, query_params: params });
    } finally {
      await client.close();
    }
  }
}

/** Whether a version, such as `26.3.1.12`, comes before the one that is needed. */
export function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < NEEDED_VERSION[0] || (major === NEEDED_VERSION[0] && minor < NEEDED_VERSION[1]);
}

/** The dictionary reads its own server: where that asks for a user, the migration has to name it. */
function splitStatements(text: string, options: { url: string; database: string }): string[] {
  const { username, password } = new URL(options.url);
  const quote = (value: string) =>
    `'${decodeURIComponent(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const credentials = username === '' ? '' : `USER ${quote(username)} PASSWORD ${quote(password)} `;
  return text
    .replaceAll('{{database}}', options.database)
    .replaceAll('{{credentials}}', credentials)
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.replace(/^\s*--.*$/gm, '').trim())
    .filter((statement) => statement !== '');
}
