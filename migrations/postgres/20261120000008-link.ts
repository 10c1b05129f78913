import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LinkTables20261120000008 implements MigrationInterface {
  name = 'LinkTables20261120000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE link (
        id text CONSTRAINT link_pk PRIMARY KEY,
        project_id integer NOT NULL,
        code text NOT NULL CONSTRAINT link_code_key UNIQUE,
        lookup_key text NOT NULL CONSTRAINT link_lookup_key UNIQUE,
        is_custom boolean NOT NULL,
        kind text NOT NULL CONSTRAINT link_kind_check CHECK (kind IN ('public', 'recipient')),
        target_url text NOT NULL,
        target_hash text NOT NULL,
        title text NOT NULL DEFAULT '',
        user_id bigint,
        message_id text,
        campaign_id text,
        expires_at timestamptz(3),
        max_clicks integer,
        click_count bigint NOT NULL DEFAULT 0,
        is_disabled boolean NOT NULL DEFAULT false,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT link_message_target_key UNIQUE (message_id, target_hash)
      )`);
    await runner.query('CREATE INDEX link_project_idx ON link (project_id, kind, id)');
    await runner.query(
      `CREATE INDEX link_public_target_idx ON link (project_id, target_hash) WHERE kind = 'public'`,
    );
    await runner.query(`
      CREATE TABLE link_click (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT link_click_pk PRIMARY KEY,
        link_id text NOT NULL,
        project_id integer NOT NULL,
        clicked_at timestamptz(3) NOT NULL,
        is_bot boolean NOT NULL,
        is_scan boolean NOT NULL,
        is_pending boolean NOT NULL,
        ip_hash text NOT NULL,
        user_agent text NOT NULL,
        referrer text NOT NULL
      )`);
    await runner.query('CREATE INDEX link_click_link_idx ON link_click (link_id, id)');
    // Recipients' clicks whose effects are not handed over yet: next to none at any moment.
    await runner.query('CREATE INDEX link_click_pending_idx ON link_click (id) WHERE is_pending');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
