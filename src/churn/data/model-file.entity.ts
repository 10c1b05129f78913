import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('churn_model_file')
@Index('churn_model_file_model_idx', ['modelId', 'id'])
@Index('churn_model_file_open_idx', ['createdAt'], { where: `state = 'checking'` })
@Check('churn_model_file_state_check', `state IN ('checking', 'ready', 'refused')`)
export class ChurnModelFileEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'churn_model_file_pk' })
  id!: string;

  @Column('text', { name: 'model_id' })
  modelId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  sha256!: string;

  @Column('integer', { name: 'size_bytes' })
  sizeBytes!: number;

  @Column({ type: 'timestamptz', name: 'trained_until', precision: 3, nullable: true })
  trainedUntil!: Date | null;

  @Column('text')
  state!: string;

  @Column('integer', { default: 0 })
  tries!: number;

  @Column('jsonb', { nullable: true })
  faults!: unknown;

  @Column('jsonb', { nullable: true })
  shape!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'checked_at', precision: 3, nullable: true })
  checkedAt!: Date | null;
}

@Entity('churn_model_file_part')
export class ChurnModelFilePartEntity {
  @PrimaryColumn('text', { name: 'file_id', primaryKeyConstraintName: 'churn_model_file_part_pk' })
  fileId!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'churn_model_file_part_pk' })
  part!: number;

  @Column('bytea')
  bytes!: Buffer;
}
