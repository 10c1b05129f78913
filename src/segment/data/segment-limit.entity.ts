import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('segment_limit')
export class SegmentLimitEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'segment_limit_pk' })
  projectId!: number;

  @Column('bigint', { name: 'max_rows', nullable: true })
  maxRows!: string | null;

  @Column('bigint', { name: 'max_members', nullable: true })
  maxMembers!: string | null;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
