import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('churn_run')
@Unique('churn_run_as_of_key', ['modelId', 'task', 'asOf'])
@Index('churn_run_model_idx', ['modelId', 'id'])
@Index('churn_run_running_key', ['modelId'], { unique: true, where: `state = 'running'` })
@Index('churn_run_open_idx', ['queuedAt'], { where: `state IN ('queued', 'running')` })
@Check('churn_run_task_check', `task IN ('train', 'score')`)
@Check('churn_run_state_check', `state IN ('queued', 'running', 'done', 'failed', 'cancelled')`)
@Check('churn_run_trigger_check', `trigger IN ('schedule', 'manual', 'upload')`)
export class ChurnRunEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'churn_run_pk' })
  id!: string;

  @Column('text', { name: 'model_id' })
  modelId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  task!: string;

  @Column({ type: 'timestamptz', name: 'as_of', precision: 3 })
  asOf!: Date;

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

  @Column('text', { name: 'fit_run_id', nullable: true })
  fitRunId!: string | null;

  @Column('jsonb', { nullable: true })
  fit!: unknown;

  @Column('jsonb', { nullable: true })
  report!: unknown;

  @Column('jsonb', { nullable: true })
  upload!: unknown;

  @Column('bigint', { name: 'scored_count', nullable: true })
  scoredCount!: string | null;

  @Column('text', { nullable: true })
  error!: string | null;
}
