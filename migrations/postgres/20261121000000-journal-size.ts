import type { MigrationInterface, QueryRunner } from 'typeorm';

export class JournalSize20261121000000 implements MigrationInterface {
  name = 'JournalSize20261121000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE journal ADD COLUMN decoded_bytes integer');
    await runner.query('UPDATE journal SET decoded_bytes = octet_length(payload)');
    await runner.query('ALTER TABLE journal ALTER COLUMN decoded_bytes SET NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE journal DROP COLUMN decoded_bytes');
  }
}
