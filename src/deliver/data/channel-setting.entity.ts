import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The settings of one channel in one project, encrypted. */
@Entity('channel_setting')
export class ChannelSettingEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'channel_setting_pk' })
  projectId!: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'channel_setting_pk' })
  channel!: string;

  /** JSON, sealed by `Secrets.encrypt`. */
  @Column('text')
  settings!: string;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
