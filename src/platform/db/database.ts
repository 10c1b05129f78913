import type { Pool } from 'pg';
import type { MigrationInterface } from 'typeorm';
import { DataSource, type EntitySchema, type QueryRunner } from 'typeorm';
import { log } from '../log/log.js';
import { outliveConnection } from './outlive-connection.js';

export type EntityClass = (new () => object) | EntitySchema;

/** What can run SQL: the database, or one transaction of it. Values are bound as $1, $2, … */
export interface Sql {
  query<Row>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Runs a statement and tells how many rows it changed. */
  execute(sql: string, params?: readonly unknown[]): Promise<number>;
}

/** PostgreSQL through TypeORM. */
export class Database implements Sql {
  /** Names of prepared statements, by their text. */
  private readonly statements = new Map<string, string>();

  private constructor(readonly source: DataSource) {}

  static async connect(options: {
    url: string;
    poolSize: number;
    entities: EntityClass[];
    migrations: (new () => MigrationInterface)[];
  }): Promise<Database> {
    const source = new DataSource({
      type: 'postgres',
      url: options.url,
      entities: options.entities,
      migrations: options.migrations,
      migrationsTableName: 'migration',
      migrationsTransactionMode: 'each',
      applicationName: 'rekindle',
      poolSize: options.poolSize,
      poolErrorHandler: (error: Error) => log.warn({ err: error }, 'PostgreSQL closed an idle connection'),
      extra: { connectionTimeoutMillis: 10_000, onConnect: outliveConnection },
    });
    return new Database(await source.initialize());
  }

  query<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.withRunner((runner) => runSql(runner).query<Row>(sql, params));
  }

  /**
   * Like `query`, for a short one that is asked all the time: each connection parses and plans it once.
   * @param sql a text that does not change; a connection keeps each one for good
   */
  async queryPrepared<Row extends object>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    const name = this.statements.get(sql) ?? `rekindle-${this.statements.size + 1}`;
    this.statements.set(sql, name);
    const { master: pool } = this.source.driver as unknown as { master: Pool };
    return (await pool.query<Row>({ name, text: sql, values: [...params] })).rows;
  }

  execute(sql: string, params: readonly unknown[] = []): Promise<number> {
    return this.withRunner((runner) => runSql(runner).execute(sql, params));
  }

  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    return this.withRunner(async (runner) => {
      await runner.startTransaction();
      try {
        const result = await work(runSql(runner));
        await runner.commitTransaction();
        return result;
      } catch (error) {
        // The first error is the one to report; a dead connection cannot roll back and need not.
        await runner.rollbackTransaction().catch(() => undefined);
        throw error;
      }
    });
  }

  /** Does the work in a transaction that is never committed, to see whether it can be done. */
  trial(work: (tx: Sql) => Promise<void>): Promise<void> {
    return this.withRunner(async (runner) => {
      await runner.startTransaction();
      try {
        await work(runSql(runner));
      } finally {
        await runner.rollbackTransaction().catch(() => undefined);
      }
    });
  }

  close(): Promise<void> {
    return this.source.destroy();
  }

  private async withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  }
}

function runSql(runner: QueryRunner): Sql {
  return {
    query: async <Row>(sql: string, params: readonly unknown[] = []) =>
      (await runner.query(sql, [...params], true)).records as Row[],
    execute: async (sql, params = []) => (await runner.query(sql, [...params], true)).affected ?? 0,
  };
}
