import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('user_list')
@Unique('user_list_name_key', ['projectId', 'name'])
@Index('user_list_project_idx', ['projectId', 'id'])
@Index('user_list_matched_idx', ['matchedAt'])
export class UserListEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'user_list_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  name!: string;

  @Column('text', { default: '' })
  description!: string;

  /** Numbers of the uploads that it is made of. */
  @Column('integer', { array: true, default: [] })
  uploads!: number[];

  /** Highest number that an upload ever had. */
  @Column('integer', { name: 'last_number', default: 0 })
  lastNumber!: number;

  /** The upload under way; what it writes has this number or the next one. */
  @Column('integer', { name: 'lease_number', nullable: true })
  leaseNumber!: number | null;

  @Column({ type: 'timestamptz', name: 'lease_until', precision: 3, nullable: true })
  leaseUntil!: Date | null;

  @Column('bigint', { name: 'entry_count', default: 0 })
  entryCount!: string;

  @Column('bigint', { name: 'unknown_count', default: 0 })
  unknownCount!: string;

  @Column('bigint', { name: 'user_count', default: 0 })
  userCount!: string;

  @Column('jsonb', { name: 'last_upload', nullable: true })
  lastUpload!: unknown;

  /** When every identity was looked up last. */
  @Column({ type: 'timestamptz', name: 'matched_at', precision: 3, default: () => 'now()' })
  matchedAt!: Date;

  /** When its uploads changed last. */
  @Column({ type: 'timestamptz', name: 'changed_at', precision: 3, default: () => 'now()' })
  changedAt!: Date;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
