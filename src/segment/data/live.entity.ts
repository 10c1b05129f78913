import { Check, Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** How far a live segment is. */
@Entity('segment_live')
@Index('segment_live_project_idx', ['projectId'])
export class SegmentLiveEntity {
  @PrimaryColumn('text', { name: 'segment_id', primaryKeyConstraintName: 'segment_live_pk' })
  segmentId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('integer', { nullable: true })
  build!: number | null;

  @Column('bigint', { default: 0 })
  tick!: string;

  @Column('bigint', { default: 0 })
  seen!: string;

  @Column({ type: 'timestamptz', name: 'as_of', precision: 3, nullable: true })
  asOf!: Date | null;

  @Column('text', { nullable: true })
  fingerprint!: string | null;

  @Column('text', { name: 'check_run_id', nullable: true })
  checkRunId!: string | null;

  @Column({ type: 'timestamptz', name: 'checked_at', precision: 3, nullable: true })
  checkedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'attempted_at', precision: 3, nullable: true })
  attemptedAt!: Date | null;

  @Column('jsonb', { nullable: true })
  pending!: unknown;

  @Column('text', { nullable: true })
  error!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}

/** Numbers what was taken out of the inbox of a project, in order. */
@Entity('segment_live_project')
export class SegmentLiveProjectEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'segment_live_project_pk' })
  projectId!: number;

  @Column('bigint', { default: 0 })
  taken!: string;
}

/** Users to whom a journal batch happened, until every live segment of the project has looked at them. */
@Entity('segment_live_inbox')
@Index('segment_live_inbox_taken_idx', ['projectId', 'taken'])
export class SegmentLiveInboxEntity {
  @PrimaryColumn('bigint', { name: 'batch_id', primaryKeyConstraintName: 'segment_live_inbox_pk' })
  batchId!: string;

  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'segment_live_inbox_pk' })
  projectId!: number;

  @Column('bigint', { name: 'user_ids', array: true })
  userIds!: string[];

  @Column('bigint', { nullable: true })
  taken!: string | null;
}

/** Builds that have rows in ClickHouse. */
@Entity('segment_live_build')
export class SegmentLiveBuildEntity {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'segment_live_build_pk',
  })
  build!: number;

  @Column('text', { name: 'segment_id' })
  segmentId!: string;

  @Column({ type: 'timestamptz', name: 'made_at', precision: 3 })
  madeAt!: Date;
}

/** Changes of membership that were found together; who they are is in ClickHouse. */
@Entity('segment_change_batch')
@Index('segment_change_batch_segment_idx', ['segmentId', 'id'])
@Index('segment_change_batch_run_key', ['runId'], { unique: true, where: 'run_id IS NOT NULL' })
@Index('segment_change_batch_open_idx', ['madeAt'], { where: 'announced_at IS NULL' })
@Index('segment_change_batch_stream_idx', ['segmentId', 'id'], { where: `stream_state = 'waiting'` })
@Check('segment_change_batch_source_check', `source IN ('run', 'live')`)
@Check('segment_change_batch_stream_check', `stream_state IN ('waiting', 'written', 'dropped')`)
export class SegmentChangeBatchEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'segment_change_batch_pk',
  })
  id!: string;

  @Column('text', { name: 'segment_id' })
  segmentId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('integer')
  version!: number;

  @Column('text')
  source!: string;

  @Column('text', { name: 'run_id', nullable: true })
  runId!: string | null;

  @Column('text', { name: 'base_run_id', nullable: true })
  baseRunId!: string | null;

  @Column({ type: 'timestamptz', precision: 3 })
  at!: Date;

  @Column({ type: 'timestamptz', name: 'made_at', precision: 3 })
  madeAt!: Date;

  @Column('boolean', { name: 'is_filled' })
  isFilled!: boolean;

  @Column('boolean', { name: 'does_record' })
  doesRecord!: boolean;

  @Column('text', { name: 'webhook_url', nullable: true })
  webhookUrl!: string | null;

  @Column('bigint', { default: 0 })
  position!: string;

  @Column({ type: 'timestamptz', name: 'announced_at', precision: 3, nullable: true })
  announcedAt!: Date | null;

  @Column('text', { name: 'stream_state', nullable: true })
  streamState!: string | null;

  @Column('bigint', { name: 'stream_position', default: 0 })
  streamPosition!: string;
}

/** Why the stream of a segment to Kafka stands still; no row where it does not. */
@Entity('segment_stream_failure')
export class SegmentStreamFailureEntity {
  @PrimaryColumn('text', { name: 'segment_id', primaryKeyConstraintName: 'segment_stream_failure_pk' })
  segmentId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  reason!: string;

  @Column('text')
  message!: string;

  @Column('integer')
  failures!: number;

  @Column({ type: 'timestamptz', name: 'failed_at', precision: 3 })
  failedAt!: Date;

  @Column({ type: 'timestamptz', name: 'next_attempt_at', precision: 3 })
  nextAttemptAt!: Date;
}
