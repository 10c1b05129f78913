import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { DeadReason } from '../../kernel/reasons.js';

@Entity('dead_letter')
@Unique('dead_letter_batch_key', ['batchId', 'ordinal'])
@Index('dead_letter_project_idx', ['projectId', 'id'])
@Index('dead_letter_reason_idx', ['projectId', 'reason', 'id'])
export class DeadLetterEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'dead_letter_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('bigint', { name: 'batch_id' })
  batchId!: string;

  /** Place among the letters of its batch, so that a batch tried again stores each once. */
  @Column('integer')
  ordinal!: number;

  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;

  @Column('text')
  source!: string;

  @Column('text')
  reason!: DeadReason;

  @Column('text')
  detail!: string;

  @Column('bytea')
  payload!: Buffer;

  @Column('text')
  ip!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
