import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** Every state that a message entered, with its reason. */
@Entity('message_log')
@Index('message_log_message_idx', ['messageId', 'id'])
export class MessageLogEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'message_log_pk',
  })
  id!: string;

  @Column('text', { name: 'message_id' })
  messageId!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  at!: Date;

  @Column('text')
  state!: string;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('text', { nullable: true })
  detail!: string | null;
}
