import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

@Entity('person')
@Index('person_merged_idx', ['mergedInto'], { where: 'merged_into IS NOT NULL' })
@Index('person_created_idx', ['createdBatchId'])
export class PersonEntity {
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'person_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('boolean', { name: 'has_login', default: false })
  hasLogin!: boolean;

  @Column('bigint', { name: 'created_batch_id' })
  createdBatchId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column('bigint', { name: 'merged_into', nullable: true })
  mergedInto!: string | null;

  @Column({ type: 'timestamptz', name: 'merged_at', precision: 3, nullable: true })
  mergedAt!: Date | null;
}

@Entity('person_identity')
@Index('person_identity_person_idx', ['personId'])
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
}

@Entity('person_merge')
@Index('person_merge_into_idx', ['intoPersonId'])
@Index('person_merge_batch_idx', ['batchId'])
export class PersonMergeEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'person_merge_pk',
  })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('bigint', { name: 'from_person_id' })
  fromPersonId!: string;

  @Column('bigint', { name: 'into_person_id' })
  intoPersonId!: string;

  @Column('bigint', { name: 'batch_id' })
  batchId!: string;

  @Column('text', { name: 'event_id' })
  eventId!: string;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  at!: Date;
}
