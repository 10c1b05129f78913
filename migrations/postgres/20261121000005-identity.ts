import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IdentityRulesAndUndo20261121000005 implements MigrationInterface {
  name = 'IdentityRulesAndUndo20261121000005';

  async up(runner: QueryRunner): Promise<void> {
    await changePersons(runner);
    await extendMerges(runner);
    await createIdentityTables(runner);
    await runner.query(`
      CREATE TABLE profile_merge (
        merge_id bigint CONSTRAINT profile_merge_pk PRIMARY KEY,
        into_person_id bigint NOT NULL,
        from_properties jsonb NOT NULL,
        into_properties jsonb NOT NULL
      )`);
    await runner.query('CREATE INDEX profile_merge_into_idx ON profile_merge (into_person_id, merge_id)');
    await runner.query('ALTER TABLE trigger_timer ADD original_user_id bigint');
    await runner.query('ALTER TABLE trigger_decision ADD original_user_id bigint');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

async function changePersons(runner: QueryRunner): Promise<void> {
  await runner.query('ALTER TABLE person ADD absorbed integer NOT NULL DEFAULT 0, ADD split_from bigint[]');
  await runner.query(
    `UPDATE person SET absorbed = merged.n
     FROM (SELECT merged_into AS id, count(*) AS n FROM person WHERE merged_into IS NOT NULL GROUP BY 1) AS merged
     WHERE person.id = merged.id`,
  );
  // Who has a login is told by the identities themselves: several keys may be logins, and an unbind ends one.
  await runner.query('ALTER TABLE person DROP COLUMN has_login');
  await runner.query('ALTER TABLE person_identity ADD claims integer NOT NULL DEFAULT 0');
  await runner.query('DROP INDEX person_identity_person_idx');
  await runner.query('CREATE INDEX person_identity_person_idx ON person_identity (person_id, key)');
}

async function extendMerges(runner: QueryRunner): Promise<void> {
  await runner.query(`
    ALTER TABLE person_merge
      ADD event text NOT NULL DEFAULT '',
      ADD from_identities jsonb NOT NULL DEFAULT '[]',
      ADD into_identities jsonb NOT NULL DEFAULT '[]',
      ADD requested_by text,
      ADD undone_at timestamptz(3),
      ADD undone_by text,
      ADD undone_batch_id bigint`);
  await runner.query('CREATE INDEX person_merge_from_idx ON person_merge (from_person_id)');
  await runner.query('CREATE INDEX person_merge_project_idx ON person_merge (project_id, id)');
  await runner.query(
    'CREATE INDEX person_merge_undone_idx ON person_merge (undone_batch_id) WHERE undone_batch_id IS NOT NULL',
  );
}

async function createIdentityTables(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE identity_project (
      project_id integer CONSTRAINT identity_project_pk PRIMARY KEY,
      rules jsonb,
      login_keys text[] NOT NULL DEFAULT '{}',
      revision integer NOT NULL
    )`);
  await runner.query(`
    CREATE TABLE identity_batch (
      batch_id bigint CONSTRAINT identity_batch_pk PRIMARY KEY,
      user_ids bigint[] NOT NULL
    )`);
  await runner.query(`
    CREATE TABLE identity_unbind (
      project_id integer NOT NULL,
      event_id text NOT NULL,
      key text NOT NULL,
      value text NOT NULL,
      person_id bigint NOT NULL,
      at timestamptz(3) NOT NULL DEFAULT now(),
      CONSTRAINT identity_unbind_pk PRIMARY KEY (project_id, event_id, key, value)
    )`);
  await runner.query('CREATE INDEX identity_unbind_at_idx ON identity_unbind (at)');
  await runner.query(`
    CREATE TABLE identity_refusal (
      id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT identity_refusal_pk PRIMARY KEY,
      project_id integer NOT NULL,
      reason text NOT NULL,
      key text NOT NULL,
      value text NOT NULL,
      person_id bigint NOT NULL,
      owner_person_id bigint,
      times integer NOT NULL DEFAULT 1,
      event_id text NOT NULL,
      first_at timestamptz(3) NOT NULL DEFAULT now(),
      last_at timestamptz(3) NOT NULL DEFAULT now(),
      CONSTRAINT identity_refusal_claim_key UNIQUE (project_id, reason, key, value, person_id)
    )`);
  await runner.query('CREATE INDEX identity_refusal_project_idx ON identity_refusal (project_id, id)');
  await runner.query('CREATE INDEX identity_refusal_last_idx ON identity_refusal (last_at)');
  await runner.query(`
    CREATE TABLE merge_request (
      id text CONSTRAINT merge_request_pk PRIMARY KEY,
      project_id integer NOT NULL,
      kind text NOT NULL CONSTRAINT merge_request_kind_check CHECK (kind IN ('merge', 'undo')),
      state text NOT NULL CONSTRAINT merge_request_state_check CHECK (state IN ('done', 'refused')),
      requested_by text NOT NULL,
      refusals jsonb NOT NULL,
      merge_ids bigint[] NOT NULL,
      batch_id bigint NOT NULL,
      at timestamptz(3) NOT NULL DEFAULT now()
    )`);
}
