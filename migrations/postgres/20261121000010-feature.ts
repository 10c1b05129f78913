import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FeatureTables20261121000010 implements MigrationInterface {
  name = 'FeatureTables20261121000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE feature_setting (
        project_id integer CONSTRAINT feature_setting_pk PRIMARY KEY,
        settings jsonb NOT NULL,
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE feature_definition (
        project_id integer NOT NULL,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        definition jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT feature_definition_pk PRIMARY KEY (project_id, name)
      )`);
    await runner.query(`
      CREATE TABLE feature_set (
        id text CONSTRAINT feature_set_pk PRIMARY KEY,
        project_id integer NOT NULL,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        definition jsonb NOT NULL,
        plan jsonb NOT NULL,
        version integer NOT NULL,
        schedule_cron text,
        schedule_zone text NOT NULL,
        state text NOT NULL CONSTRAINT feature_set_state_check CHECK (state IN ('active', 'paused', 'archived')),
        next_run_at timestamptz(3),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX feature_set_name_key ON feature_set (project_id, name) WHERE state <> 'archived'`,
    );
    await runner.query('CREATE INDEX feature_set_project_idx ON feature_set (project_id, id)');
    await runner.query(
      'CREATE INDEX feature_set_due_idx ON feature_set (next_run_at) WHERE next_run_at IS NOT NULL',
    );
    await runner.query(`
      CREATE TABLE feature_snapshot (
        id text CONSTRAINT feature_snapshot_pk PRIMARY KEY,
        set_id text NOT NULL,
        project_id integer NOT NULL,
        version integer NOT NULL,
        cutoff timestamptz(3) NOT NULL,
        plan jsonb NOT NULL,
        state text NOT NULL CONSTRAINT feature_snapshot_state_check CHECK (state IN ('queued', 'running', 'done', 'failed')),
        trigger text NOT NULL CONSTRAINT feature_snapshot_trigger_check CHECK (trigger IN ('schedule', 'manual')),
        attempts integer NOT NULL DEFAULT 0,
        tries integer NOT NULL DEFAULT 0,
        queued_at timestamptz(3) NOT NULL,
        retry_at timestamptz(3),
        started_at timestamptz(3),
        lease_until timestamptz(3),
        finished_at timestamptz(3),
        duration_ms integer,
        row_count bigint,
        late_count bigint,
        excluded jsonb,
        sql text,
        params jsonb,
        error text,
        CONSTRAINT feature_snapshot_cutoff_key UNIQUE (set_id, cutoff)
      )`);
    await runner.query('CREATE INDEX feature_snapshot_set_idx ON feature_snapshot (set_id, id)');
    await runner.query(
      `CREATE UNIQUE INDEX feature_snapshot_running_key ON feature_snapshot (set_id) WHERE state = 'running'`,
    );
    await runner.query(
      `CREATE INDEX feature_snapshot_open_idx ON feature_snapshot (queued_at) WHERE state IN ('queued', 'running')`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
