import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('trigger')
@Index('trigger_project_idx', ['projectId', 'id'])
@Check('trigger_state_check', `state IN ('active', 'paused', 'archived')`)
export class TriggerEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'trigger_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  name!: string;

  /** The newest version of the rule. */
  @Column('integer')
  version!: number;

  @Column('text')
  state!: string;

  /** Counts the writes to the row: the sum over all rows tells a cache that something changed. */
  @Column('integer')
  revision!: number;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}

@Entity('trigger_version')
export class TriggerVersionEntity {
  @PrimaryColumn('text', { name: 'trigger_id', primaryKeyConstraintName: 'trigger_version_pk' })
  triggerId!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'trigger_version_pk' })
  version!: number;

  @Column('jsonb')
  rule!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'superseded_at', precision: 3, nullable: true })
  supersededAt!: Date | null;
}
