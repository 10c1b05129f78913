import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('segment_export')
@Index('segment_export_project_idx', ['projectId', 'id'])
@Index('segment_export_running_key', ['projectId'], { unique: true, where: `state = 'running'` })
@Index('segment_export_open_idx', ['queuedAt'], { where: `state IN ('queued', 'running')` })
@Index('segment_export_expiry_idx', ['expiresAt'], { where: `state = 'done'` })
@Check('segment_export_format_check', `format IN ('csv', 'jsonl', 'parquet')`)
@Check('segment_export_which_check', `which IN ('members', 'entered', 'exited')`)
@Check(
  'segment_export_state_check',
  `state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'expired')`,
)
export class SegmentExportEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'segment_export_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text', { name: 'segment_id' })
  segmentId!: string;

  @Column('text', { name: 'run_id' })
  runId!: string;

  @Column('text')
  format!: string;

  @Column('text')
  which!: string;

  @Column('jsonb')
  columns!: unknown;

  @Column('text')
  state!: string;

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

  @Column('bigint', { name: 'rows_written', default: 0 })
  rowsWritten!: string;

  @Column('bigint', { name: 'rows_total' })
  rowsTotal!: string;

  @Column('bigint', { name: 'size_bytes', default: 0 })
  sizeBytes!: string;

  @Column('text', { nullable: true })
  sha256!: string | null;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column('text', { nullable: true })
  error!: string | null;
}
