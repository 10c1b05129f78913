import 'reflect-metadata';
import pg from 'pg';
import { connectDatabase } from '../../src/app/migrations.js';
import { type Rekindle, startRekindleAnew } from '../support/rekindle.js';
import { databaseUrlOf } from '../support/stores.js';

describe('PostgreSQL schema', () => {
  let rekindle: Rekindle;
  beforeAll(async () => {
    rekindle = await startRekindleAnew();
  });
  afterAll(() => rekindle.stop());

  it('is what the entities say, after every migration', async () => {
    const db = await connectDatabase(await databaseUrlOf(rekindle), 2);
    const { upQueries } = await db.source.driver.createSchemaBuilder().log();
    await db.close();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('has an entity for every table', async () => {
    const url = await databaseUrlOf(rekindle);
    const client = new pg.Client(url);
    await client.connect();
    const tables = await client.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    await client.end();
    const db = await connectDatabase(url, 2);
    const known = new Set(db.source.entityMetadatas.map(({ tableName }) => tableName));
    await db.close();
    expect(
      tables.rows
        .map(({ tablename }) => tablename)
        .filter((name) => !known.has(name) && name !== 'migration'),
    ).toEqual([]);
  });
});
