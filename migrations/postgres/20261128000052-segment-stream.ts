import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SegmentStreams20261128000052 implements MigrationInterface {
  name = 'SegmentStreams20261128000052';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE segment_change_batch
        ADD COLUMN stream_state text CONSTRAINT segment_change_batch_stream_check
          CHECK (stream_state IN ('waiting', 'written', 'dropped')),
        ADD COLUMN stream_position bigint NOT NULL DEFAULT 0`);
    await runner.query(
      `CREATE INDEX segment_change_batch_stream_idx ON segment_change_batch (segment_id, id) WHERE stream_state = 'waiting'`,
    );
    await runner.query(`
      CREATE TABLE segment_stream_failure (
        segment_id text CONSTRAINT segment_stream_failure_pk PRIMARY KEY,
        project_id integer NOT NULL,
        reason text NOT NULL,
        message text NOT NULL,
        failures integer NOT NULL,
        failed_at timestamptz(3) NOT NULL,
        next_attempt_at timestamptz(3) NOT NULL
      )`);
    await runner.query(
      `UPDATE segment SET changes = changes || '{"kafkaTopic": null}' WHERE changes IS NOT NULL AND changes <> 'null'`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
