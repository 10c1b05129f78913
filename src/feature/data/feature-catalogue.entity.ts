import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('feature_setting')
export class FeatureSettingEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'feature_setting_pk' })
  projectId!: number;

  @Column('jsonb')
  settings!: unknown;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}

@Entity('feature_definition')
export class FeatureDefinitionEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'feature_definition_pk' })
  projectId!: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'feature_definition_pk' })
  name!: string;

  @Column('text', { default: '' })
  description!: string;

  @Column('jsonb')
  definition!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
