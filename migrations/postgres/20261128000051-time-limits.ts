import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ProjectTimeLimits20261128000051 implements MigrationInterface {
  name = 'ProjectTimeLimits20261128000051';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE collect_rule ADD COLUMN late_days integer, ADD COLUMN future_minutes integer',
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
