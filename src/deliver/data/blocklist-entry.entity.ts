import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Who must not get messages; a removed entry stays as history. */
@Entity('blocklist_entry')
@Check('blocklist_entry_kind_check', `kind IN ('user', 'address', 'domain')`)
@Index('blocklist_entry_active_key', ['projectId', 'kind', 'value', 'channel'], {
  unique: true,
  where: 'removed_at IS NULL',
})
@Index('blocklist_entry_project_idx', ['projectId', 'id'])
export class BlocklistEntryEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'blocklist_entry_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  /** `*`: every channel. */
  @Column('text')
  channel!: string;

  @Column('text')
  kind!: string;

  @Column('text')
  value!: string;

  @Column('text')
  reason!: string;

  @Column('text')
  note!: string;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'removed_at', precision: 3, nullable: true })
  removedAt!: Date | null;

  @Column('text', { name: 'removed_by', nullable: true })
  removedBy!: string | null;
}
