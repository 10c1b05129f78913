import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ChurnTables20261121000011 implements MigrationInterface {
  name = 'ChurnTables20261121000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE churn_model (
        id text CONSTRAINT churn_model_pk PRIMARY KEY,
        project_id integer NOT NULL,
        name text NOT NULL,
        definition jsonb NOT NULL,
        schedule_cron text,
        schedule_zone text NOT NULL,
        schedule_task text NOT NULL CONSTRAINT churn_model_task_check CHECK (schedule_task IN ('train', 'score')),
        state text NOT NULL CONSTRAINT churn_model_state_check CHECK (state IN ('active', 'paused', 'archived')),
        next_run_at timestamptz(3),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX churn_model_name_key ON churn_model (project_id, name) WHERE state <> 'archived'`,
    );
    await runner.query('CREATE INDEX churn_model_project_idx ON churn_model (project_id, id)');
    await runner.query(
      'CREATE INDEX churn_model_due_idx ON churn_model (next_run_at) WHERE next_run_at IS NOT NULL',
    );
    await runner.query(`
      CREATE TABLE churn_run (
        id text CONSTRAINT churn_run_pk PRIMARY KEY,
        model_id text NOT NULL,
        project_id integer NOT NULL,
        task text NOT NULL CONSTRAINT churn_run_task_check CHECK (task IN ('train', 'score')),
        as_of timestamptz(3) NOT NULL,
        state text NOT NULL CONSTRAINT churn_run_state_check CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
        trigger text NOT NULL CONSTRAINT churn_run_trigger_check CHECK (trigger IN ('schedule', 'manual')),
        attempts integer NOT NULL DEFAULT 0,
        tries integer NOT NULL DEFAULT 0,
        queued_at timestamptz(3) NOT NULL,
        retry_at timestamptz(3),
        started_at timestamptz(3),
        lease_until timestamptz(3),
        finished_at timestamptz(3),
        duration_ms integer,
        fit_run_id text,
        fit jsonb,
        report jsonb,
        scored_count bigint,
        error text,
        CONSTRAINT churn_run_as_of_key UNIQUE (model_id, task, as_of)
      )`);
    await runner.query('CREATE INDEX churn_run_model_idx ON churn_run (model_id, id)');
    await runner.query(
      `CREATE UNIQUE INDEX churn_run_running_key ON churn_run (model_id) WHERE state = 'running'`,
    );
    await runner.query(
      `CREATE INDEX churn_run_open_idx ON churn_run (queued_at) WHERE state IN ('queued', 'running')`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
