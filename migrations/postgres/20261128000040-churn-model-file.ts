import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ChurnModelFile20261128000040 implements MigrationInterface {
  name = 'ChurnModelFile20261128000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE churn_model_file (
        id text CONSTRAINT churn_model_file_pk PRIMARY KEY,
        model_id text NOT NULL,
        project_id integer NOT NULL,
        sha256 text NOT NULL,
        size_bytes integer NOT NULL,
        trained_until timestamptz(3),
        state text NOT NULL CONSTRAINT churn_model_file_state_check CHECK (state IN ('checking', 'ready', 'refused')),
        tries integer NOT NULL DEFAULT 0,
        faults jsonb,
        shape jsonb,
        created_at timestamptz(3) NOT NULL,
        checked_at timestamptz(3)
      )`);
    await runner.query('CREATE INDEX churn_model_file_model_idx ON churn_model_file (model_id, id)');
    await runner.query(
      `CREATE INDEX churn_model_file_open_idx ON churn_model_file (created_at) WHERE state = 'checking'`,
    );
    await runner.query(`
      CREATE TABLE churn_model_file_part (
        file_id text NOT NULL,
        part integer NOT NULL,
        bytes bytea NOT NULL,
        CONSTRAINT churn_model_file_part_pk PRIMARY KEY (file_id, part)
      )`);
    await runner.query(
      `ALTER TABLE churn_run DROP CONSTRAINT churn_run_trigger_check,
         ADD CONSTRAINT churn_run_trigger_check CHECK (trigger IN ('schedule', 'manual', 'upload'))`,
    );
    await runner.query('ALTER TABLE churn_run ADD COLUMN upload jsonb');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
