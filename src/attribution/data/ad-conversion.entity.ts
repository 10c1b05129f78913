import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('ad_conversion')
@Unique('ad_conversion_user_key', ['projectId', 'userId', 'eventType'])
@Index('ad_conversion_project_idx', ['projectId', 'id'])
@Index('ad_conversion_distinct_idx', ['projectId', 'distinctId'])
@Index('ad_conversion_click_idx', ['adClickId', 'eventType'], {
  unique: true,
  where: 'ad_click_id IS NOT NULL',
})
@Check('ad_conversion_type_check', `event_type IN ('activate', 'register', 'pay')`)
@Check('ad_conversion_reason_check', '(ad_click_id IS NULL) = (unattributed_reason IS NOT NULL)')
export class AdConversionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ad_conversion_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('bigint', { name: 'user_id' })
  userId!: string;

  @Column('text', { name: 'distinct_id' })
  distinctId!: string;

  @Column('text', { name: 'event_id' })
  eventId!: string;

  @Column('text')
  event!: string;

  @Column('text', { name: 'event_type' })
  eventType!: string;

  @Column('text', { name: 'ad_click_id', nullable: true })
  adClickId!: string | null;

  @Column('text', { name: 'matched_by', nullable: true })
  matchedBy!: string | null;

  @Column('text', { name: 'unattributed_reason', nullable: true })
  unattributedReason!: string | null;

  @Column('double precision', { nullable: true })
  amount!: number | null;

  @Column({ type: 'timestamptz', name: 'occurred_at', precision: 3 })
  occurredAt!: Date;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}

@Entity('ad_callback')
@Unique('ad_callback_conversion_key', ['conversionId'])
@Index('ad_callback_project_idx', ['projectId', 'id'])
@Index('ad_callback_due_idx', ['nextAttemptAt'], { where: `state = 'queued'` })
@Index('ad_callback_lease_idx', ['leaseUntil'], { where: `state = 'sending'` })
@Check('ad_callback_state_check', `state IN ('queued', 'sending', 'done', 'failed', 'unknown')`)
export class AdCallbackEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ad_callback_pk' })
  id!: string;

  @Column('text', { name: 'conversion_id' })
  conversionId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  network!: string;

  @Column('jsonb', { nullable: true })
  request!: unknown;

  @Column('text')
  state!: string;

  @Column('integer', { default: 0 })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'next_attempt_at', precision: 3, nullable: true })
  nextAttemptAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'lease_until', precision: 3, nullable: true })
  leaseUntil!: Date | null;

  @Column('integer', { name: 'response_status', nullable: true })
  responseStatus!: number | null;

  @Column('text', { name: 'response_body', nullable: true })
  responseBody!: string | null;

  @Column('text', { nullable: true })
  error!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;
}
