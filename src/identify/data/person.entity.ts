import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('person')
@Index('person_merged_idx', ['mergedInto'], { where: 'merged_into IS NOT NULL' })
@Index('person_created_idx', ['createdBatchId'])
export class PersonEntity {
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'person_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('bigint', { name: 'created_batch_id' })
  createdBatchId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column('bigint', { name: 'merged_into', nullable: true })
  mergedInto!: string | null;

  @Column({ type: 'timestamptz', name: 'merged_at', precision: 3, nullable: true })
  mergedAt!: Date | null;

  /** How many persons were merged into this one, directly or before. */
  @Column('integer', { default: 0 })
  absorbed!: number;

  /** Persons from whom this one was split: only a person joins them again. */
  @Column('bigint', { name: 'split_from', array: true, nullable: true })
  splitFrom!: string[] | null;
}

@Entity('person_identity')
@Index('person_identity_person_idx', ['personId', 'key'])
export class PersonIdentityEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'person_identity_pk' })
  projectId!: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'person_identity_pk' })
  key!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'person_identity_pk' })
  value!: string;

  @Column('bigint', { name: 'person_id' })
  personId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  /** How many other persons claimed it in vain. */
  @Column('integer', { default: 0 })
  claims!: number;
}
