import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IngestTables20261120000002 implements MigrationInterface {
  name = 'IngestTables20261120000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE journal (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT journal_pk PRIMARY KEY,
        lane smallint NOT NULL,
        received_at timestamptz(3) NOT NULL,
        envelope_count integer NOT NULL,
        payload bytea NOT NULL
      )`);
    await runner.query('CREATE INDEX journal_lane_idx ON journal (lane, id)');
    // Payloads are compressed by the SDKs already: compressing again would only cost.
    await runner.query('ALTER TABLE journal ALTER COLUMN payload SET STORAGE EXTERNAL');
    await runner.query(`
      CREATE TABLE journal_batch (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT journal_batch_pk PRIMARY KEY,
        lane smallint NOT NULL,
        row_ids bigint[] NOT NULL
      )`);
    await runner.query('CREATE SEQUENCE person_seq');
    await runner.query(`
      CREATE TABLE person (
        id bigint CONSTRAINT person_pk PRIMARY KEY,
        project_id integer NOT NULL,
        has_login boolean NOT NULL DEFAULT false,
        created_batch_id bigint NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        merged_into bigint,
        merged_at timestamptz(3)
      )`);
    await runner.query(
      'CREATE INDEX person_merged_idx ON person (merged_into) WHERE merged_into IS NOT NULL',
    );
    await runner.query(`
      CREATE TABLE person_identity (
        project_id integer NOT NULL,
        key text NOT NULL,
        value text NOT NULL,
        person_id bigint NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT person_identity_pk PRIMARY KEY (project_id, key, value)
      )`);
    await runner.query('CREATE INDEX person_identity_person_idx ON person_identity (person_id)');
    await runner.query(`
      CREATE TABLE person_merge (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT person_merge_pk PRIMARY KEY,
        project_id integer NOT NULL,
        from_person_id bigint NOT NULL,
        into_person_id bigint NOT NULL,
        batch_id bigint NOT NULL,
        event_id text NOT NULL,
        at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX person_created_idx ON person (created_batch_id)');
    await runner.query('CREATE INDEX person_merge_into_idx ON person_merge (into_person_id)');
    await runner.query('CREATE INDEX person_merge_batch_idx ON person_merge (batch_id)');
    await runner.query(`
      CREATE TABLE profile (
        person_id bigint CONSTRAINT profile_pk PRIMARY KEY,
        project_id integer NOT NULL,
        properties jsonb NOT NULL,
        is_deleted boolean NOT NULL DEFAULT false,
        updated_at timestamptz(3) NOT NULL,
        batch_id bigint NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE profile_batch (
        batch_id bigint CONSTRAINT profile_batch_pk PRIMARY KEY,
        applied_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX profile_batch_idx ON profile (batch_id)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
