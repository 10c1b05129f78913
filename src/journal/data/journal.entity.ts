import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

@Entity('journal')
@Index('journal_lane_idx', ['lane', 'id'])
export class JournalEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'journal_pk',
  })
  id!: string;

  @Column('smallint')
  lane!: number;

  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;

  @Column('integer', { name: 'envelope_count' })
  envelopeCount!: number;

  /** About how many bytes of JSON the payload decodes to. */
  @Column('integer', { name: 'decoded_bytes' })
  decodedBytes!: number;

  @Column('bytea')
  payload!: Buffer;
}

/** A batch under way: which rows it consists of, so that it is the same batch whenever it is done again. */
@Entity('journal_batch')
export class JournalBatchEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'journal_batch_pk',
  })
  id!: string;

  @Column('smallint')
  lane!: number;

  @Column('bigint', { name: 'row_ids', array: true })
  rowIds!: string[];
}
