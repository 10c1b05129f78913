import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('trigger_timer')
@Unique('trigger_timer_event_key', ['triggerId', 'eventId'])
@Index('trigger_timer_waiting_key', ['userId', 'triggerId', 'correlation'], {
  unique: true,
  where: `state = 'waiting'`,
})
@Index('trigger_timer_due_idx', ['dueAt'], { where: 'settled_at IS NULL' })
@Index('trigger_timer_user_idx', ['userId', 'triggerId'])
@Index('trigger_timer_trigger_idx', ['triggerId', 'id'])
@Check('trigger_timer_state_check', `state IN ('waiting', 'due', 'fired', 'cancelled')`)
export class TriggerTimerEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'trigger_timer_pk' })
  id!: string;

  @Column('text', { name: 'trigger_id' })
  triggerId!: string;

  @Column('integer', { name: 'trigger_version' })
  triggerVersion!: number;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('bigint', { name: 'user_id' })
  userId!: string;

  /** Whose it was before the first merge that handed it over; null where none did. */
  @Column('bigint', { name: 'original_user_id', nullable: true })
  originalUserId!: string | null;

  @Column('text', { name: 'event_id' })
  eventId!: string;

  /** Value of the rule's `sameProperty` in the opening event, as JSON or its hash; empty without one. */
  @Column('text')
  correlation!: string;

  @Column({ type: 'timestamptz', name: 'opened_at', precision: 3 })
  openedAt!: Date;

  @Column({ type: 'timestamptz', name: 'due_at', precision: 3 })
  dueAt!: Date;

  @Column('text')
  state!: string;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column({ type: 'timestamptz', name: 'settled_at', precision: 3, nullable: true })
  settledAt!: Date | null;

  /** The opening event, as the actions will see it. */
  @Column('jsonb')
  event!: unknown;
}
