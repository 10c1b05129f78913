import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ItemTables20261121000006 implements MigrationInterface {
  name = 'ItemTables20261121000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SEQUENCE item_version_seq');
    await runner.query(`
      CREATE TABLE item (
        project_id integer NOT NULL,
        item_type text NOT NULL,
        item_id text NOT NULL,
        properties jsonb NOT NULL,
        is_deleted boolean NOT NULL DEFAULT false,
        version bigint NOT NULL,
        batch_id bigint NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT item_pk PRIMARY KEY (project_id, item_type, item_id)
      )`);
    await runner.query('CREATE INDEX item_deleted_idx ON item (updated_at) WHERE is_deleted');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
