import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('segment_run')
@Unique('segment_run_as_of_key', ['segmentId', 'asOf'])
@Index('segment_run_segment_idx', ['segmentId', 'id'])
@Index('segment_run_running_key', ['segmentId'], { unique: true, where: `state = 'running'` })
@Index('segment_run_open_idx', ['queuedAt'], { where: `state IN ('queued', 'running')` })
@Index('segment_run_unnotified_idx', ['finishedAt'], { where: `state = 'done' AND notified_at IS NULL` })
@Index('segment_run_project_idx', ['projectId', 'startedAt'], { where: 'started_at IS NOT NULL' })
@Index('segment_run_kept_idx', ['finishedAt'], { where: `state = 'done' AND members_dropped_at IS NULL` })
@Check('segment_run_state_check', `state IN ('queued', 'running', 'done', 'failed', 'cancelled')`)
@Check('segment_run_priority_check', `priority IN ('high', 'normal', 'low')`)
@Check('segment_run_lane_check', `lane IN ('light', 'heavy')`)
@Check('segment_run_trigger_check', `trigger IN ('schedule', 'manual', 'campaign')`)
export class SegmentRunEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'segment_run_pk' })
  id!: string;

  @Column('text', { name: 'segment_id' })
  segmentId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('integer')
  version!: number;

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

  @Column({ type: 'timestamptz', name: 'notified_at', precision: 3, nullable: true })
  notifiedAt!: Date | null;

  @Column('integer', { name: 'duration_ms', nullable: true })
  durationMs!: number | null;

  @Column('bigint', { name: 'member_count', nullable: true })
  memberCount!: string | null;

  @Column('bigint', { name: 'entered_count', nullable: true })
  enteredCount!: string | null;

  @Column('bigint', { name: 'exited_count', nullable: true })
  exitedCount!: string | null;

  @Column('text', { nullable: true })
  sql!: string | null;

  @Column('jsonb', { nullable: true })
  params!: unknown;

  @Column('text', { nullable: true })
  error!: string | null;

  @Column('text', { default: 'normal' })
  priority!: string;

  @Column('text', { nullable: true })
  lane!: string | null;

  @Column('bigint', { name: 'rows_forecast', nullable: true })
  rowsForecast!: string | null;

  @Column('bigint', { name: 'bytes_forecast', nullable: true })
  bytesForecast!: string | null;

  @Column('bigint', { name: 'rows_read', nullable: true })
  rowsRead!: string | null;

  @Column('bigint', { name: 'bytes_read', nullable: true })
  bytesRead!: string | null;

  @Column('bigint', { name: 'peak_memory_bytes', nullable: true })
  peakMemoryBytes!: string | null;

  @Column('integer', { name: 'elapsed_ms', nullable: true })
  elapsedMs!: number | null;

  @Column('text', { name: 'compared_run_id', nullable: true })
  comparedRunId!: string | null;

  @Column({ type: 'timestamptz', name: 'members_dropped_at', precision: 3, nullable: true })
  membersDroppedAt!: Date | null;
}
