import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('trigger_decision')
@Unique('trigger_decision_event_key', ['eventId', 'triggerId', 'outcome'])
@Index('trigger_decision_trigger_idx', ['triggerId', 'id'])
@Index('trigger_decision_user_idx', ['userId', 'triggerId', 'outcome'])
@Check('trigger_decision_outcome_check', `outcome IN ('fired', 'waiting', 'not_fired', 'cancelled')`)
export class TriggerDecisionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'trigger_decision_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text', { name: 'trigger_id' })
  triggerId!: string;

  @Column('integer', { name: 'trigger_version' })
  triggerVersion!: number;

  @Column('bigint', { name: 'user_id' })
  userId!: string;

  /** Whose it was before the first merge that handed it over; null where none did. */
  @Column('bigint', { name: 'original_user_id', nullable: true })
  originalUserId!: string | null;

  @Column('text', { name: 'event_id' })
  eventId!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  at!: Date;

  @Column('text')
  outcome!: string;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('text', { name: 'caused_by_event_id', nullable: true })
  causedByEventId!: string | null;
}
