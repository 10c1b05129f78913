import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One entry of a catalogue. A deleted one stays for a while, so that a batch done again does not bring it back. */
@Entity('item')
@Index('item_deleted_idx', ['updatedAt'], { where: 'is_deleted' })
export class ItemEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'item_pk' })
  projectId!: number;

  @PrimaryColumn('text', { name: 'item_type', primaryKeyConstraintName: 'item_pk' })
  itemType!: string;

  @PrimaryColumn('text', { name: 'item_id', primaryKeyConstraintName: 'item_pk' })
  itemId!: string;

  @Column('jsonb')
  properties!: unknown;

  @Column('boolean', { name: 'is_deleted', default: false })
  isDeleted!: boolean;

  /** Grows with every change of any item; by it ClickHouse knows the last one. */
  @Column('bigint')
  version!: string;

  /** The last journal batch that changed it; 0 where none did. */
  @Column('bigint', { name: 'batch_id' })
  batchId!: string;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
