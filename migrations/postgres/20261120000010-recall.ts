import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RecallTables20261120000010 implements MigrationInterface {
  name = 'RecallTables20261120000010';

  async up(runner: QueryRunner): Promise<void> {
    await createTemplates(runner);
    await createCampaigns(runner);
    await createPlanRuns(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

async function createTemplates(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE template (
      id text CONSTRAINT template_pk PRIMARY KEY,
      project_id integer NOT NULL,
      slug text NOT NULL,
      channel text NOT NULL,
      version integer NOT NULL,
      source text NOT NULL CONSTRAINT template_source_check CHECK (source IN ('api', 'file')),
      created_at timestamptz(3) NOT NULL,
      updated_at timestamptz(3) NOT NULL,
      CONSTRAINT template_slug_key UNIQUE (project_id, slug)
    )`);
  await runner.query('CREATE INDEX template_project_idx ON template (project_id, id)');
  await runner.query(`
    CREATE TABLE template_version (
      template_id text NOT NULL CONSTRAINT template_version_template_fk REFERENCES template (id),
      version integer NOT NULL,
      subject text NOT NULL,
      html text NOT NULL,
      text text NOT NULL,
      sample jsonb NOT NULL,
      content_hash text NOT NULL,
      created_at timestamptz(3) NOT NULL,
      created_by text NOT NULL,
      CONSTRAINT template_version_pk PRIMARY KEY (template_id, version)
    )`);
}

async function createCampaigns(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE campaign (
      id text CONSTRAINT campaign_pk PRIMARY KEY,
      project_id integer NOT NULL,
      name text NOT NULL,
      segment_id text NOT NULL,
      template_id text NOT NULL,
      channel text NOT NULL,
      state text NOT NULL CONSTRAINT campaign_state_check
        CHECK (state IN ('draft', 'active', 'paused', 'stopped', 'completed')),
      schedule text NOT NULL CONSTRAINT campaign_schedule_check CHECK (schedule IN ('on_segment_run', 'once')),
      send_at timestamptz(3),
      reentry jsonb NOT NULL,
      frequency_cap jsonb,
      control_percent smallint NOT NULL,
      return_window_hours integer NOT NULL,
      send_window jsonb,
      sender text,
      variables jsonb NOT NULL,
      requested_run_id text,
      requested_at timestamptz(3),
      created_at timestamptz(3) NOT NULL,
      updated_at timestamptz(3) NOT NULL,
      activated_at timestamptz(3)
    )`);
  await runner.query('CREATE INDEX campaign_project_idx ON campaign (project_id, id)');
  await runner.query(
    `CREATE INDEX campaign_active_idx ON campaign (project_id, segment_id) WHERE state = 'active'`,
  );
}

async function createPlanRuns(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE plan_run (
      id text CONSTRAINT plan_run_pk PRIMARY KEY,
      campaign_id text NOT NULL CONSTRAINT plan_run_campaign_fk REFERENCES campaign (id),
      project_id integer NOT NULL,
      segment_run_id text NOT NULL,
      state text NOT NULL CONSTRAINT plan_run_state_check CHECK (state IN ('planning', 'done', 'failed')),
      counts jsonb NOT NULL,
      last_user_id bigint NOT NULL,
      error text,
      started_at timestamptz(3) NOT NULL,
      finished_at timestamptz(3),
      lease_until timestamptz(3),
      CONSTRAINT plan_run_segment_run_key UNIQUE (campaign_id, segment_run_id)
    )`);
  await runner.query('CREATE INDEX plan_run_campaign_idx ON plan_run (campaign_id, id)');
  await runner.query(`CREATE INDEX plan_run_planning_idx ON plan_run (lease_until) WHERE state = 'planning'`);
  await runner.query(`
    CREATE TABLE campaign_entry (
      campaign_id text NOT NULL,
      user_id bigint NOT NULL,
      segment_run_id text NOT NULL,
      entered_at timestamptz(3) NOT NULL,
      CONSTRAINT campaign_entry_pk PRIMARY KEY (campaign_id, user_id)
    )`);
}
