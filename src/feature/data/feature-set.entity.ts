import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('feature_set')
@Index('feature_set_name_key', ['projectId', 'name'], { unique: true, where: `state <> 'archived'` })
@Index('feature_set_project_idx', ['projectId', 'id'])
@Index('feature_set_due_idx', ['nextRunAt'], { where: 'next_run_at IS NOT NULL' })
@Check('feature_set_state_check', `state IN ('active', 'paused', 'archived')`)
export class FeatureSetEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'feature_set_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  name!: string;

  @Column('text', { default: '' })
  description!: string;

  @Column('jsonb')
  definition!: unknown;

  @Column('jsonb')
  plan!: unknown;

  @Column('integer')
  version!: number;

  @Column('text', { name: 'schedule_cron', nullable: true })
  scheduleCron!: string | null;

  @Column('text', { name: 'schedule_zone' })
  scheduleZone!: string;

  @Column('text')
  state!: string;

  @Column({ type: 'timestamptz', name: 'next_run_at', precision: 3, nullable: true })
  nextRunAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}

@Entity('feature_snapshot')
@Unique('feature_snapshot_cutoff_key', ['setId', 'cutoff'])
@Index('feature_snapshot_set_idx', ['setId', 'id'])
@Index('feature_snapshot_running_key', ['setId'], { unique: true, where: `state = 'running'` })
@Index('feature_snapshot_open_idx', ['queuedAt'], { where: `state IN ('queued', 'running')` })
@Check('feature_snapshot_state_check', `state IN ('queued', 'running', 'done', 'failed')`)
@Check('feature_snapshot_trigger_check', `trigger IN ('schedule', 'manual')`)
export class FeatureSnapshotEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'feature_snapshot_pk' })
  id!: string;

  @Column('text', { name: 'set_id' })
  setId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('integer')
  version!: number;

  @Column({ type: 'timestamptz', precision: 3 })
  cutoff!: Date;

  @Column('jsonb')
  plan!: unknown;

  @Column('text')
  state!: string;

  @Column('text')
  trigger!: string;

  @Column('integer', { default: 0 })
  attempts!: number;

  @Column('integer', { default: 0 })
  tries!: number;

  @Column({ type: 'timestamptz', name: 'queued_at', precision: 3 })
  queuedAt!: Date;

  @Column({ type: 'timestamptz', name: 'retry_at', precision: 3, nullable: true })
  retryAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3, nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'lease_until', precision: 3, nullable: true })
  leaseUntil!: Date | null;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;

  @Column('integer', { name: 'duration_ms', nullable: true })
  durationMs!: number | null;

  @Column('bigint', { name: 'row_count', nullable: true })
  rowCount!: string | null;

  @Column('bigint', { name: 'late_count', nullable: true })
  lateCount!: string | null;

  @Column('jsonb', { nullable: true })
  excluded!: unknown;

  @Column('text', { nullable: true })
  sql!: string | null;

  @Column('jsonb', { nullable: true })
  params!: unknown;

  @Column('text', { nullable: true })
  error!: string | null;
}
