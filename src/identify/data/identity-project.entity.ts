import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('identity_project')
export class IdentityProjectEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'identity_project_pk' })
  projectId!: number;

  /** Null: the default rules. */
  @Column('jsonb', { nullable: true })
  rules!: unknown;

  /** Keys of their own under which users signed in. */
  @Column('text', { name: 'login_keys', array: true, default: '{}' })
  loginKeys!: string[];

  /** Counts the changes: what was read under another one is out of date. */
  @Column('integer')
  revision!: number;
}

/** Whose each record of a batch was, so that the batch done again has the same users. */
@Entity('identity_batch')
export class IdentityBatchEntity {
  @PrimaryColumn('bigint', { name: 'batch_id', primaryKeyConstraintName: 'identity_batch_pk' })
  batchId!: string;

  @Column('bigint', { name: 'user_ids', array: true })
  userIds!: string[];
}

@Entity('identity_unbind')
@Index('identity_unbind_at_idx', ['at'])
export class IdentityUnbindEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'identity_unbind_pk' })
  projectId!: number;

  @PrimaryColumn('text', { name: 'event_id', primaryKeyConstraintName: 'identity_unbind_pk' })
  eventId!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'identity_unbind_pk' })
  key!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'identity_unbind_pk' })
  value!: string;

  @Column('bigint', { name: 'person_id' })
  personId!: string;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  at!: Date;
}
