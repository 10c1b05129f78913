import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A mail that the development sink took; the same mail twice is two rows, so that a double send shows. */
@Entity('sink_message')
@Index('sink_message_project_idx', ['projectId', 'id'])
export class SinkMessageEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'sink_message_pk' })
  id!: string;

  /** Null where the mail names no message of the ledger. */
  @Column('integer', { name: 'project_id', nullable: true })
  projectId!: number | null;

  /** Our id of the message, out of its header. */
  @Column('text', { name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column('text')
  sender!: string;

  @Column('text', { array: true })
  recipients!: string[];

  @Column('text')
  subject!: string;

  @Column('text')
  html!: string;

  @Column('text')
  text!: string;

  @Column('jsonb')
  headers!: [string, string][];

  @Column('bytea')
  raw!: Buffer;

  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;
}
