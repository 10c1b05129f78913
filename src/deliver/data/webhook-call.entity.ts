import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { JsonObject } from '../../kernel/json.js';

/** One signed POST to an address that a marketer configured. */
@Entity('webhook_call')
@Unique('webhook_call_dedupe_key', ['projectId', 'dedupeKey'])
@Check('webhook_call_state_check', `state IN ('queued', 'done', 'failed')`)
@Index('webhook_call_project_idx', ['projectId', 'id'])
@Index('webhook_call_queued_idx', ['nextAttemptAt'], { where: `state = 'queued'` })
export class WebhookCallEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'webhook_call_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('bigint', { name: 'user_id' })
  userId!: string;

  @Column('text')
  origin!: string;

  @Column('text')
  url!: string;

  @Column('text', { name: 'dedupe_key' })
  dedupeKey!: string;

  @Column('jsonb')
  body!: JsonObject;

  @Column('text')
  state!: string;

  @Column('integer', { default: 0 })
  attempts!: number;

  @Column({ type: 'timestamptz', name: 'next_attempt_at', precision: 3 })
  nextAttemptAt!: Date;

  @Column('integer', { name: 'last_status', nullable: true })
  lastStatus!: number | null;

  @Column('text', { name: 'last_error', nullable: true })
  lastError!: string | null;

  @Column('text', { name: 'last_detail', nullable: true })
  lastDetail!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;
}
