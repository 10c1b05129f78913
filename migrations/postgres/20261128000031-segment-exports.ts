import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SegmentExports20261128000031 implements MigrationInterface {
  name = 'SegmentExports20261128000031';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE segment_export (
        id text CONSTRAINT segment_export_pk PRIMARY KEY,
        project_id integer NOT NULL,
        segment_id text NOT NULL,
        run_id text NOT NULL,
        format text NOT NULL CONSTRAINT segment_export_format_check CHECK (format IN ('csv', 'jsonl', 'parquet')),
        which text NOT NULL CONSTRAINT segment_export_which_check CHECK (which IN ('members', 'entered', 'exited')),
        columns jsonb NOT NULL,
        state text NOT NULL CONSTRAINT segment_export_state_check
          CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'expired')),
        attempts integer NOT NULL DEFAULT 0,
        tries integer NOT NULL DEFAULT 0,
        queued_at timestamptz(3) NOT NULL,
        retry_at timestamptz(3),
        started_at timestamptz(3),
        lease_until timestamptz(3),
        finished_at timestamptz(3),
        duration_ms integer,
        rows_written bigint NOT NULL DEFAULT 0,
        rows_total bigint NOT NULL,
        size_bytes bigint NOT NULL DEFAULT 0,
        sha256 text,
        expires_at timestamptz(3),
        error text
      )`);
    await runner.query('CREATE INDEX segment_export_project_idx ON segment_export (project_id, id)');
    await runner.query(
      `CREATE UNIQUE INDEX segment_export_running_key ON segment_export (project_id) WHERE state = 'running'`,
    );
    await runner.query(
      `CREATE INDEX segment_export_open_idx ON segment_export (queued_at) WHERE state IN ('queued', 'running')`,
    );
    await runner.query(
      `CREATE INDEX segment_export_expiry_idx ON segment_export (expires_at) WHERE state = 'done'`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
