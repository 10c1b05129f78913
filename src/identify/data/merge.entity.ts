import { Check, Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity('person_merge')
@Index('person_merge_into_idx', ['intoPersonId'])
@Index('person_merge_from_idx', ['fromPersonId'])
@Index('person_merge_batch_idx', ['batchId'])
@Index('person_merge_project_idx', ['projectId', 'id'])
@Index('person_merge_undone_idx', ['undoneBatchId'], { where: 'undone_batch_id IS NOT NULL' })
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

  /** Name of the event that caused it; empty where an admin asked for it. */
  @Column('text', { default: '' })
  event!: string;

  /** All that the absorbed person had, as [key, value]; an undo gives it back. */
  @Column('jsonb', { name: 'from_identities', default: [] })
  fromIdentities!: unknown;

  /** What the other had before, as [key, value]; the newest where there are many. */
  @Column('jsonb', { name: 'into_identities', default: [] })
  intoIdentities!: unknown;

  /** API key of the admin who asked for it. */
  @Column('text', { name: 'requested_by', nullable: true })
  requestedBy!: string | null;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  at!: Date;

  @Column({ type: 'timestamptz', name: 'undone_at', precision: 3, nullable: true })
  undoneAt!: Date | null;

  @Column('text', { name: 'undone_by', nullable: true })
  undoneBy!: string | null;

  @Column('bigint', { name: 'undone_batch_id', nullable: true })
  undoneBatchId!: string | null;
}

/** What became of a merge, or the undoing of one, that an admin asked for. */
@Entity('merge_request')
@Check('merge_request_kind_check', `kind IN ('merge', 'undo')`)
@Check('merge_request_state_check', `state IN ('done', 'refused')`)
export class MergeRequestEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'merge_request_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  kind!: string;

  @Column('text')
  state!: string;

  @Column('text', { name: 'requested_by' })
  requestedBy!: string;

  @Column('jsonb')
  refusals!: unknown;

  @Column('bigint', { name: 'merge_ids', array: true })
  mergeIds!: string[];

  /** The journal batch that did it; while it is open, profiles and triggers are still to come. */
  @Column('bigint', { name: 'batch_id' })
  batchId!: string;

  @Column({ type: 'timestamptz', precision: 3, default: () => 'now()' })
  at!: Date;
}

/** Claims that were refused; one row for all claims of one user to one identity. */
@Entity('identity_refusal')
@Unique('identity_refusal_claim_key', ['projectId', 'reason', 'key', 'value', 'personId'])
@Index('identity_refusal_project_idx', ['projectId', 'id'])
@Index('identity_refusal_last_idx', ['lastAt'])
export class IdentityRefusalEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'identity_refusal_pk',
  })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  reason!: string;

  @Column('text')
  key!: string;

  @Column('text')
  value!: string;

  /** Who claimed it; 0 where the reason lies in the identity and any number of users may have. */
  @Column('bigint', { name: 'person_id' })
  personId!: string;

  @Column('bigint', { name: 'owner_person_id', nullable: true })
  ownerPersonId!: string | null;

  @Column('integer', { default: 1 })
  times!: number;

  /** The newest event that claimed it. */
  @Column('text', { name: 'event_id' })
  eventId!: string;

  @Column({ type: 'timestamptz', name: 'first_at', precision: 3, default: () => 'now()' })
  firstAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_at', precision: 3, default: () => 'now()' })
  lastAt!: Date;
}
