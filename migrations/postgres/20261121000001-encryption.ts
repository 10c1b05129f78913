import type { MigrationInterface, QueryRunner } from 'typeorm';

export class EncryptionTables20261121000001 implements MigrationInterface {
  name = 'EncryptionTables20261121000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE encryption_key (
        id text CONSTRAINT encryption_key_pk PRIMARY KEY,
        project_id integer NOT NULL,
        kind text NOT NULL,
        version integer NOT NULL,
        state text NOT NULL,
        public_key text,
        secret text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        retired_at timestamptz(3),
        CONSTRAINT encryption_key_version_key UNIQUE (project_id, kind, version)
      )`);
    await runner.query(`
      CREATE TABLE remote_config (
        project_id integer CONSTRAINT remote_config_pk PRIMARY KEY,
        configs jsonb NOT NULL,
        encryption boolean NOT NULL,
        updated_at timestamptz(3) NOT NULL
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
