import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { JsonObject } from '../../kernel/json.js';

/** One row of the send ledger. */
@Entity('message')
@Unique('message_dedupe_key', ['projectId', 'dedupeKey'])
@Check(
  'message_state_check',
  `state IN ('planned', 'held', 'queued', 'sending', 'accepted', 'rejected', 'failed', 'unknown', 'cancelled')`,
)
@Index('message_project_idx', ['projectId', 'id'])
@Index('message_user_idx', ['projectId', 'userId', 'channel', 'sendingAt'])
@Index('message_campaign_idx', ['campaignId', 'state', 'id'], { where: 'campaign_id IS NOT NULL' })
@Index('message_queued_idx', ['dueAt'], { where: `state = 'queued'` })
@Index('message_sending_idx', ['leaseUntil'], { where: `state = 'sending'` })
@Index('message_unannounced_idx', ['settledAt'], {
  where: `announced_at IS NULL AND state IN ('accepted', 'held')`,
})
export class MessageEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'message_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('bigint', { name: 'user_id' })
  userId!: string;

  @Column('text')
  channel!: string;

  @Column('text')
  address!: string;

  @Column('text', { name: 'template_id' })
  templateId!: string;

  @Column('integer', { name: 'template_version' })
  templateVersion!: number;

  @Column('text', { name: 'campaign_id', nullable: true })
  campaignId!: string | null;

  @Column('text', { name: 'plan_run_id', nullable: true })
  planRunId!: string | null;

  @Column('text')
  origin!: string;

  @Column('text', { name: 'dedupe_key' })
  dedupeKey!: string;

  @Column('jsonb')
  variables!: JsonObject;

  @Column('integer', { name: 'frequency_limit', nullable: true })
  frequencyLimit!: number | null;

  @Column('bigint', { name: 'frequency_window_ms', nullable: true })
  frequencyWindowMs!: string | null;

  @Column('text')
  state!: string;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('text', { nullable: true })
  detail!: string | null;

  /** Of a rejection: whether the same message would be rejected again. */
  @Column('boolean', { name: 'is_permanent', nullable: true })
  isPermanent!: boolean | null;

  @Column('integer', { default: 0 })
  attempts!: number;

  @Column('text', { name: 'provider_message_id', nullable: true })
  providerMessageId!: string | null;

  @Column({ type: 'timestamptz', name: 'send_at', precision: 3 })
  sendAt!: Date;

  /** When its next job is due: `sendAt`, or later after a transient refusal. */
  @Column({ type: 'timestamptz', name: 'due_at', precision: 3 })
  dueAt!: Date;

  /** Until when the worker that reserved it answers for it; tells one reservation from the next. */
  @Column({ type: 'timestamptz', name: 'lease_until', precision: 3, nullable: true })
  leaseUntil!: Date | null;

  @Column({ type: 'timestamptz', name: 'planned_at', precision: 3 })
  plannedAt!: Date;

  @Column({ type: 'timestamptz', name: 'queued_at', precision: 3, nullable: true })
  queuedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'sending_at', precision: 3, nullable: true })
  sendingAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'settled_at', precision: 3, nullable: true })
  settledAt!: Date | null;

  /** When its `$MessageSent` or `$MessageHeld` was handed to the user's timeline. */
  @Column({ type: 'timestamptz', name: 'announced_at', precision: 3, nullable: true })
  announcedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'opened_at', precision: 3, nullable: true })
  openedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'clicked_at', precision: 3, nullable: true })
  clickedAt!: Date | null;
}
