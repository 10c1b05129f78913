import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SdkConfigs } from '../core/remote-config.js';

/** What the mobile SDKs of a project are told at their start. */
@Entity('remote_config')
export class RemoteConfigEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'remote_config_pk' })
  projectId!: number;

  @Column('jsonb')
  configs!: SdkConfigs;

  /** Whether the public keys of the project go with it. */
  @Column('boolean')
  encryption!: boolean;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
