import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('churn_model')
@Index('churn_model_name_key', ['projectId', 'name'], { unique: true, where: `state <> 'archived'` })
@Index('churn_model_project_idx', ['projectId', 'id'])
@Index('churn_model_due_idx', ['nextRunAt'], { where: 'next_run_at IS NOT NULL' })
@Check('churn_model_task_check', `schedule_task IN ('train', 'score')`)
@Check('churn_model_state_check', `state IN ('active', 'paused', 'archived')`)
export class ChurnModelEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'churn_model_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  name!: string;

  @Column('jsonb')
  definition!: unknown;

  @Column('text', { name: 'schedule_cron', nullable: true })
  scheduleCron!: string | null;

  @Column('text', { name: 'schedule_zone' })
  scheduleZone!: string;

  @Column('text', { name: 'schedule_task' })
  scheduleTask!: string;

  @Column('text')
  state!: string;

  @Column({ type: 'timestamptz', name: 'next_run_at', precision: 3, nullable: true })
  nextRunAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}
