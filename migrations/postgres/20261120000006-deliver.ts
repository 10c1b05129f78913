import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DeliverTables20261120000006 implements MigrationInterface {
  name = 'DeliverTables20261120000006';

  async up(runner: QueryRunner): Promise<void> {
    await createLedger(runner);
    await createBlocklist(runner);
    await createWebhookCalls(runner);
    await createSink(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

async function createLedger(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE message (
      id text CONSTRAINT message_pk PRIMARY KEY,
      project_id integer NOT NULL,
      user_id bigint NOT NULL,
      channel text NOT NULL,
      address text NOT NULL,
      template_id text NOT NULL,
      template_version integer NOT NULL,
      campaign_id text,
      plan_run_id text,
      origin text NOT NULL,
      dedupe_key text NOT NULL,
      variables jsonb NOT NULL,
      frequency_limit integer,
      frequency_window_ms bigint,
      state text NOT NULL CONSTRAINT message_state_check CHECK (state IN
        ('planned', 'held', 'queued', 'sending', 'accepted', 'rejected', 'failed', 'unknown', 'cancelled')),
      reason text,
      detail text,
      is_permanent boolean,
      attempts integer NOT NULL DEFAULT 0,
      provider_message_id text,
      send_at timestamptz(3) NOT NULL,
      due_at timestamptz(3) NOT NULL,
      lease_until timestamptz(3),
      planned_at timestamptz(3) NOT NULL,
      queued_at timestamptz(3),
      sending_at timestamptz(3),
      settled_at timestamptz(3),
      announced_at timestamptz(3),
      opened_at timestamptz(3),
      clicked_at timestamptz(3),
      CONSTRAINT message_dedupe_key UNIQUE (project_id, dedupe_key)
    )`);
  await runner.query('CREATE INDEX message_project_idx ON message (project_id, id)');
  await runner.query('CREATE INDEX message_user_idx ON message (project_id, user_id, channel, sending_at)');
  await runner.query(
    'CREATE INDEX message_campaign_idx ON message (campaign_id, state, id) WHERE campaign_id IS NOT NULL',
  );
  await runner.query(`CREATE INDEX message_queued_idx ON message (due_at) WHERE state = 'queued'`);
  await runner.query(`CREATE INDEX message_sending_idx ON message (lease_until) WHERE state = 'sending'`);
  await runner.query(
    `CREATE INDEX message_unannounced_idx ON message (settled_at)
       WHERE announced_at IS NULL AND state IN ('accepted', 'held')`,
  );
  await runner.query(`
    CREATE TABLE message_log (
      id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT message_log_pk PRIMARY KEY,
      message_id text NOT NULL,
      at timestamptz(3) NOT NULL,
      state text NOT NULL,
      reason text,
      detail text
    )`);
  await runner.query('CREATE INDEX message_log_message_idx ON message_log (message_id, id)');
  await runner.query(`
    CREATE TABLE channel_setting (
      project_id integer NOT NULL,
      channel text NOT NULL,
      settings text NOT NULL,
      updated_at timestamptz(3) NOT NULL,
      CONSTRAINT channel_setting_pk PRIMARY KEY (project_id, channel)
    )`);
}

async function createBlocklist(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE blocklist_entry (
      id text CONSTRAINT blocklist_entry_pk PRIMARY KEY,
      project_id integer NOT NULL,
      channel text NOT NULL,
      kind text NOT NULL CONSTRAINT blocklist_entry_kind_check CHECK (kind IN ('user', 'address', 'domain')),
      value text NOT NULL,
      reason text NOT NULL,
      note text NOT NULL,
      created_by text NOT NULL,
      created_at timestamptz(3) NOT NULL,
      expires_at timestamptz(3),
      removed_at timestamptz(3),
      removed_by text
    )`);
  await runner.query(
    `CREATE UNIQUE INDEX blocklist_entry_active_key ON blocklist_entry (project_id, kind, value, channel)
       WHERE removed_at IS NULL`,
  );
  await runner.query('CREATE INDEX blocklist_entry_project_idx ON blocklist_entry (project_id, id)');
}

async function createWebhookCalls(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE webhook_call (
      id text CONSTRAINT webhook_call_pk PRIMARY KEY,
      project_id integer NOT NULL,
      user_id bigint NOT NULL,
      origin text NOT NULL,
      url text NOT NULL,
      dedupe_key text NOT NULL,
      body jsonb NOT NULL,
      state text NOT NULL CONSTRAINT webhook_call_state_check CHECK (state IN ('queued', 'done', 'failed')),
      attempts integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz(3) NOT NULL,
      last_status integer,
      last_error text,
      last_detail text,
      created_at timestamptz(3) NOT NULL,
      finished_at timestamptz(3),
      CONSTRAINT webhook_call_dedupe_key UNIQUE (project_id, dedupe_key)
    )`);
  await runner.query('CREATE INDEX webhook_call_project_idx ON webhook_call (project_id, id)');
  await runner.query(
    `CREATE INDEX webhook_call_queued_idx ON webhook_call (next_attempt_at) WHERE state = 'queued'`,
  );
}

async function createSink(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE sink_message (
      id text CONSTRAINT sink_message_pk PRIMARY KEY,
      project_id integer,
      message_id text,
      sender text NOT NULL,
      recipients text[] NOT NULL,
      subject text NOT NULL,
      html text NOT NULL,
      text text NOT NULL,
      headers jsonb NOT NULL,
      raw bytea NOT NULL,
      received_at timestamptz(3) NOT NULL
    )`);
  await runner.query('CREATE INDEX sink_message_project_idx ON sink_message (project_id, id)');
}
