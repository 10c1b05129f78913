import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

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

  @Column('bytea')
  payload!: Buffer;
}

@Entity('journal_lane')
export class JournalLaneEntity {
  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'journal_lane_pk' })
  lane!: number;

  @Column('bigint', { name: 'batch_id', default: 0 })
  batchId!: string;

  @Column('bigint', { name: 'row_ids', array: true, default: '{}' })
  rowIds!: string[];
}
