import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Nobody looks for the profiles of a batch any more; without the index most changes of a profile touch none. */
export class ProfileBatch20261128000050 implements MigrationInterface {
  name = 'ProfileBatch20261128000050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX IF EXISTS profile_batch_idx');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
