import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DecodeTables20261120000003 implements MigrationInterface {
  name = 'DecodeTables20261120000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dead_letter (
        id text CONSTRAINT dead_letter_pk PRIMARY KEY,
        project_id integer NOT NULL,
        batch_id bigint NOT NULL,
        ordinal integer NOT NULL,
        received_at timestamptz(3) NOT NULL,
        source text NOT NULL,
        reason text NOT NULL,
        detail text NOT NULL,
        payload bytea NOT NULL,
        ip text NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT dead_letter_batch_key UNIQUE (batch_id, ordinal)
      )`);
    await runner.query('CREATE INDEX dead_letter_project_idx ON dead_letter (project_id, id)');
    await runner.query('CREATE INDEX dead_letter_reason_idx ON dead_letter (project_id, reason, id)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
