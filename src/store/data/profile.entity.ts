import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('profile')
export class ProfileEntity {
  @PrimaryColumn('bigint', { name: 'person_id', primaryKeyConstraintName: 'profile_pk' })
  personId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('jsonb')
  properties!: unknown;

  @Column('boolean', { name: 'is_deleted', default: false })
  isDeleted!: boolean;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;

  @Column('bigint', { name: 'batch_id' })
  batchId!: string;
}

/** Which journal batches have changed the profiles, so that none changes them twice. */
@Entity('profile_batch')
export class ProfileBatchEntity {
  @PrimaryColumn('bigint', { name: 'batch_id', primaryKeyConstraintName: 'profile_batch_pk' })
  batchId!: string;

  @Column({ type: 'timestamptz', name: 'applied_at', precision: 3, default: () => 'now()' })
  appliedAt!: Date;
}

/** The profiles of two persons as they were when one was merged into the other, for the undoing of the merge. */
@Entity('profile_merge')
@Index('profile_merge_into_idx', ['intoPersonId', 'mergeId'])
export class ProfileMergeEntity {
  @PrimaryColumn('bigint', { name: 'merge_id', primaryKeyConstraintName: 'profile_merge_pk' })
  mergeId!: string;

  @Column('bigint', { name: 'into_person_id' })
  intoPersonId!: string;

  @Column('jsonb', { name: 'from_properties' })
  fromProperties!: unknown;

  @Column('jsonb', { name: 'into_properties' })
  intoProperties!: unknown;
}
