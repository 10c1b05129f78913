import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('segment')
@Index('segment_name_key', ['projectId', 'name'], { unique: true, where: `state <> 'archived'` })
@Index('segment_project_idx', ['projectId', 'id'])
@Index('segment_due_idx', ['nextRunAt'], { where: 'next_run_at IS NOT NULL' })
@Check('segment_state_check', `state IN ('active', 'paused', 'archived')`)
@Check('segment_priority_check', `priority IN ('high', 'normal', 'low')`)
export class SegmentEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'segment_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  name!: string;

  @Column('text', { default: '' })
  description!: string;

  @Column('jsonb')
  definition!: unknown;

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

  @Column('boolean', { name: 'is_live', default: false })
  isLive!: boolean;

  @Column({ type: 'timestamptz', name: 'live_until', precision: 3, nullable: true })
  liveUntil!: Date | null;

  @Column('jsonb', { nullable: true })
  changes!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3, default: () => 'now()' })
  updatedAt!: Date;

  @Column('text', { default: 'normal' })
  priority!: string;
}

@Entity('segment_version')
export class SegmentVersionEntity {
  @PrimaryColumn('text', { name: 'segment_id', primaryKeyConstraintName: 'segment_version_pk' })
  segmentId!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'segment_version_pk' })
  version!: number;

  @Column('jsonb')
  definition!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
