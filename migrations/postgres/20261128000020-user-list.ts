import type { MigrationInterface, QueryRunner } from 'typeorm';

export class UserLists20261128000020 implements MigrationInterface {
  name = 'UserLists20261128000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE user_list (
        id text CONSTRAINT user_list_pk PRIMARY KEY,
        project_id integer NOT NULL,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        uploads integer[] NOT NULL DEFAULT '{}',
        last_number integer NOT NULL DEFAULT 0,
        lease_number integer,
        lease_until timestamptz(3),
        entry_count bigint NOT NULL DEFAULT 0,
        unknown_count bigint NOT NULL DEFAULT 0,
        user_count bigint NOT NULL DEFAULT 0,
        last_upload jsonb,
        matched_at timestamptz(3) NOT NULL DEFAULT now(),
        changed_at timestamptz(3) NOT NULL DEFAULT now(),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT user_list_name_key UNIQUE (project_id, name)
      )`);
    await runner.query('CREATE INDEX user_list_project_idx ON user_list (project_id, id)');
    await runner.query('CREATE INDEX user_list_matched_idx ON user_list (matched_at)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
