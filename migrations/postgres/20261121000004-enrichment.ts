import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Enrichment20261121000004 implements MigrationInterface {
  name = 'Enrichment20261121000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE derived_property (
        id text CONSTRAINT derived_property_pk PRIMARY KEY,
        project_id integer NOT NULL,
        scope text NOT NULL,
        source text NOT NULL,
        target text NOT NULL,
        steps jsonb NOT NULL,
        position integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT derived_property_target_key UNIQUE (project_id, scope, target)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
