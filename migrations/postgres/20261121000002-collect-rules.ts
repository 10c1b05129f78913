import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CollectRules20261121000002 implements MigrationInterface {
  name = 'CollectRules20261121000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE collect_rule (
        project_id integer CONSTRAINT collect_rule_pk PRIMARY KEY,
        allowed_origins text[] NOT NULL,
        body_limit_bytes integer,
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
