import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SegmentRuns20261128000030 implements MigrationInterface {
  name = 'SegmentRuns20261128000030';

  async up(runner: QueryRunner): Promise<void> {
    const priority = (table: string) => `text NOT NULL DEFAULT 'normal'
        CONSTRAINT ${table}_priority_check CHECK (priority IN ('high', 'normal', 'low'))`;
    await runner.query(`ALTER TABLE segment ADD COLUMN priority ${priority('segment')}`);
    await runner.query(`
      ALTER TABLE segment_run
        ADD COLUMN priority ${priority('segment_run')},
        ADD COLUMN lane text CONSTRAINT segment_run_lane_check CHECK (lane IN ('light', 'heavy')),
        ADD COLUMN rows_forecast bigint,
        ADD COLUMN bytes_forecast bigint,
        ADD COLUMN rows_read bigint,
        ADD COLUMN bytes_read bigint,
        ADD COLUMN peak_memory_bytes bigint,
        ADD COLUMN elapsed_ms integer,
        ADD COLUMN compared_run_id text,
        ADD COLUMN members_dropped_at timestamptz(3),
        DROP CONSTRAINT segment_run_state_check,
        ADD CONSTRAINT segment_run_state_check CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled'))`);
    // A run was compared with the one before it, by moment, of those that were finished by then.
    await runner.query(`
      UPDATE segment_run AS run SET compared_run_id = (
        SELECT id FROM segment_run AS before
        WHERE before.segment_id = run.segment_id AND before.state = 'done' AND before.as_of < run.as_of
          AND before.finished_at < run.finished_at
        ORDER BY before.as_of DESC LIMIT 1
      ) WHERE state = 'done'`);
    await runner.query(
      'CREATE INDEX segment_run_project_idx ON segment_run (project_id, started_at) WHERE started_at IS NOT NULL',
    );
    await runner.query(
      `CREATE INDEX segment_run_kept_idx ON segment_run (finished_at) WHERE state = 'done' AND members_dropped_at IS NULL`,
    );
    await runner.query(`
      CREATE TABLE segment_limit (
        project_id integer CONSTRAINT segment_limit_pk PRIMARY KEY,
        max_rows bigint,
        max_members bigint,
        updated_at timestamptz(3) NOT NULL
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
