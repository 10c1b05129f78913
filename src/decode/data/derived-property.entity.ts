import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('derived_property')
@Unique('derived_property_target_key', ['projectId', 'scope', 'target'])
export class DerivedPropertyEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'derived_property_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  scope!: string;

  @Column('text')
  source!: string;

  @Column('text')
  target!: string;

  /** Keys are encrypted. */
  @Column('jsonb')
  steps!: unknown;

  @Column('integer')
  position!: number;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
