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
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
