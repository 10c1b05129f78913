import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TriggerTables20261120000007 implements MigrationInterface {
  name = 'TriggerTables20261120000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE trigger (
        id text CONSTRAINT trigger_pk PRIMARY KEY,
        project_id integer NOT NULL,
        name text NOT NULL,
        version integer NOT NULL,
        state text NOT NULL CONSTRAINT trigger_state_check CHECK (state IN ('active', 'paused', 'archived')),
        revision integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL
      )`);
    await runner.query('CREATE INDEX trigger_project_idx ON trigger (project_id, id)');
    await runner.query(`
      CREATE TABLE trigger_version (
        trigger_id text NOT NULL,
        version integer NOT NULL,
        rule jsonb NOT NULL,
        created_at timestamptz(3) NOT NULL,
        superseded_at timestamptz(3),
        CONSTRAINT trigger_version_pk PRIMARY KEY (trigger_id, version)
      )`);
    await runner.query(`
      CREATE TABLE trigger_timer (
        id text CONSTRAINT trigger_timer_pk PRIMARY KEY,
        trigger_id text NOT NULL,
        trigger_version integer NOT NULL,
        project_id integer NOT NULL,
        user_id bigint NOT NULL,
        event_id text NOT NULL,
        correlation text NOT NULL,
        opened_at timestamptz(3) NOT NULL,
        due_at timestamptz(3) NOT NULL,
        state text NOT NULL
          CONSTRAINT trigger_timer_state_check CHECK (state IN ('waiting', 'due', 'fired', 'cancelled')),
        reason text,
        settled_at timestamptz(3),
        event jsonb NOT NULL,
        CONSTRAINT trigger_timer_event_key UNIQUE (trigger_id, event_id)
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX trigger_timer_waiting_key ON trigger_timer (user_id, trigger_id, correlation)
      WHERE state = 'waiting'`);
    await runner.query(`
      CREATE INDEX trigger_timer_due_idx ON trigger_timer (due_at) WHERE settled_at IS NULL`);
    await runner.query('CREATE INDEX trigger_timer_user_idx ON trigger_timer (user_id, trigger_id)');
    await runner.query('CREATE INDEX trigger_timer_trigger_idx ON trigger_timer (trigger_id, id)');
    await runner.query(`
      CREATE TABLE trigger_decision (
        id text CONSTRAINT trigger_decision_pk PRIMARY KEY,
        project_id integer NOT NULL,
        trigger_id text NOT NULL,
        trigger_version integer NOT NULL,
        user_id bigint NOT NULL,
        event_id text NOT NULL,
        at timestamptz(3) NOT NULL,
        outcome text NOT NULL CONSTRAINT trigger_decision_outcome_check
          CHECK (outcome IN ('fired', 'waiting', 'not_fired', 'cancelled')),
        reason text,
        caused_by_event_id text,
        CONSTRAINT trigger_decision_event_key UNIQUE (event_id, trigger_id, outcome)
      )`);
    await runner.query('CREATE INDEX trigger_decision_trigger_idx ON trigger_decision (trigger_id, id)');
    await runner.query(
      'CREATE INDEX trigger_decision_user_idx ON trigger_decision (user_id, trigger_id, outcome)',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
