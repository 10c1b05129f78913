import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AttributionTables20261120000009 implements MigrationInterface {
  name = 'AttributionTables20261120000009';

  async up(runner: QueryRunner): Promise<void> {
    await createLinksAndClicks(runner);
    await createConversions(runner);
    await runner.query(`
      CREATE TABLE ad_network_setting (
        project_id integer NOT NULL,
        network text NOT NULL,
        sealed_settings text NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT ad_network_setting_pk PRIMARY KEY (project_id, network)
      )`);
    await runner.query(`
      CREATE TABLE ad_event_mapping (
        project_id integer CONSTRAINT ad_event_mapping_pk PRIMARY KEY,
        mapping jsonb NOT NULL,
        updated_at timestamptz(3) NOT NULL
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

async function createLinksAndClicks(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ad_link (
      id text CONSTRAINT ad_link_pk PRIMARY KEY,
      project_id integer NOT NULL,
      code text NOT NULL CONSTRAINT ad_link_code_key UNIQUE,
      network text NOT NULL,
      name text NOT NULL,
      app text,
      os text,
      utm jsonb NOT NULL,
      landing_url text,
      window_days integer NOT NULL DEFAULT 7,
      created_at timestamptz(3) NOT NULL,
      expires_at timestamptz(3),
      is_disabled boolean NOT NULL DEFAULT false,
      CONSTRAINT ad_link_os_check CHECK (os IN ('android', 'ios'))
    )`);
  await runner.query('CREATE INDEX ad_link_project_idx ON ad_link (project_id, id)');
  await runner.query(`
    CREATE TABLE ad_click (
      id text CONSTRAINT ad_click_pk PRIMARY KEY,
      project_id integer NOT NULL,
      ad_link_id text NOT NULL,
      network text NOT NULL,
      clicked_at timestamptz(3) NOT NULL,
      received_at timestamptz(3) NOT NULL,
      os text,
      ip text,
      user_agent text,
      device_ids jsonb NOT NULL,
      click_tokens text[] NOT NULL,
      callback_param text,
      campaign_id text,
      ad_group_id text,
      creative_id text,
      raw_query text NOT NULL
    )`);
  await runner.query('CREATE INDEX ad_click_project_idx ON ad_click (project_id, id)');
  await runner.query('CREATE INDEX ad_click_link_idx ON ad_click (ad_link_id, id)');
  await runner.query(`
    CREATE TABLE ad_click_id_key (
      project_id integer NOT NULL,
      id_kind text NOT NULL,
      id_hash text NOT NULL,
      clicked_at timestamptz(3) NOT NULL,
      ad_click_id text NOT NULL,
      CONSTRAINT ad_click_id_key_pk PRIMARY KEY (project_id, id_kind, id_hash, clicked_at, ad_click_id)
    )`);
}

async function createConversions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE ad_conversion (
      id text CONSTRAINT ad_conversion_pk PRIMARY KEY,
      project_id integer NOT NULL,
      user_id bigint NOT NULL,
      distinct_id text NOT NULL,
      event_id text NOT NULL,
      event text NOT NULL,
      event_type text NOT NULL,
      ad_click_id text,
      matched_by text,
      unattributed_reason text,
      amount double precision,
      occurred_at timestamptz(3) NOT NULL,
      created_at timestamptz(3) NOT NULL,
      CONSTRAINT ad_conversion_user_key UNIQUE (project_id, user_id, event_type),
      CONSTRAINT ad_conversion_type_check CHECK (event_type IN ('activate', 'register', 'pay')),
      CONSTRAINT ad_conversion_reason_check CHECK ((ad_click_id IS NULL) = (unattributed_reason IS NOT NULL))
    )`);
  await runner.query('CREATE INDEX ad_conversion_project_idx ON ad_conversion (project_id, id)');
  await runner.query('CREATE INDEX ad_conversion_distinct_idx ON ad_conversion (project_id, distinct_id)');
  // A click earns each kind of conversion once.
  await runner.query(`
    CREATE UNIQUE INDEX ad_conversion_click_idx ON ad_conversion (ad_click_id, event_type)
      WHERE ad_click_id IS NOT NULL`);
  await runner.query(`
    CREATE TABLE ad_callback (
      id text CONSTRAINT ad_callback_pk PRIMARY KEY,
      conversion_id text NOT NULL CONSTRAINT ad_callback_conversion_key UNIQUE,
      project_id integer NOT NULL,
      network text NOT NULL,
      request jsonb,
      state text NOT NULL,
      attempts integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz(3),
      lease_until timestamptz(3),
      response_status integer,
      response_body text,
      error text,
      created_at timestamptz(3) NOT NULL,
      finished_at timestamptz(3),
      CONSTRAINT ad_callback_state_check CHECK (state IN ('queued', 'sending', 'done', 'failed', 'unknown'))
    )`);
  await runner.query('CREATE INDEX ad_callback_project_idx ON ad_callback (project_id, id)');
  await runner.query(
    `CREATE INDEX ad_callback_due_idx ON ad_callback (next_attempt_at) WHERE state = 'queued'`,
  );
  await runner.query(
    `CREATE INDEX ad_callback_lease_idx ON ad_callback (lease_until) WHERE state = 'sending'`,
  );
}
