import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SegmentTables20261120000005 implements MigrationInterface {
  name = 'SegmentTables20261120000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE segment (
        id text CONSTRAINT segment_pk PRIMARY KEY,
        project_id integer NOT NULL,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        definition jsonb NOT NULL,
        version integer NOT NULL,
        schedule_cron text,
        schedule_zone text NOT NULL,
        state text NOT NULL CONSTRAINT segment_state_check CHECK (state IN ('active', 'paused', 'archived')),
        next_run_at timestamptz(3),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX segment_name_key ON segment (project_id, name) WHERE state <> 'archived'`,
    );
    await runner.query('CREATE INDEX segment_project_idx ON segment (project_id, id)');
    await runner.query('CREATE INDEX segment_due_idx ON segment (next_run_at) WHERE next_run_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE segment_version (
        segment_id text NOT NULL,
        version integer NOT NULL,
        definition jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT segment_version_pk PRIMARY KEY (segment_id, version)
      )`);
    await runner.query(`
      CREATE TABLE segment_run (
        id text CONSTRAINT segment_run_pk PRIMARY KEY,
        segment_id text NOT NULL,
        project_id integer NOT NULL,
        version integer NOT NULL,
        as_of timestamptz(3) NOT NULL,
        state text NOT NULL CONSTRAINT segment_run_state_check CHECK (state IN ('queued', 'running', 'done', 'failed')),
        trigger text NOT NULL CONSTRAINT segment_run_trigger_check CHECK (trigger IN ('schedule', 'manual', 'campaign')),
        attempts integer NOT NULL DEFAULT 0,
        tries integer NOT NULL DEFAULT 0,
        queued_at timestamptz(3) NOT NULL,
        retry_at timestamptz(3),
        started_at timestamptz(3),
        lease_until timestamptz(3),
        finished_at timestamptz(3),
        notified_at timestamptz(3),
        duration_ms integer,
        member_count bigint,
        entered_count bigint,
        exited_count bigint,
        sql text,
        params jsonb,
        error text,
        CONSTRAINT segment_run_as_of_key UNIQUE (segment_id, as_of)
      )`);
    await runner.query('CREATE INDEX segment_run_segment_idx ON segment_run (segment_id, id)');
    await runner.query(
      `CREATE UNIQUE INDEX segment_run_running_key ON segment_run (segment_id) WHERE state = 'running'`,
    );
    await runner.query(
      `CREATE INDEX segment_run_open_idx ON segment_run (queued_at) WHERE state IN ('queued', 'running')`,
    );
    await runner.query(
      `CREATE INDEX segment_run_unnotified_idx ON segment_run (finished_at) WHERE state = 'done' AND notified_at IS NULL`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
