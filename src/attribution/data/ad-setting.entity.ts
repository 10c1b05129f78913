import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('ad_network_setting')
export class AdNetworkSettingEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'ad_network_setting_pk' })
  projectId!: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'ad_network_setting_pk' })
  network!: string;

  @Column('text', { name: 'sealed_settings' })
  sealedSettings!: string;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}

@Entity('ad_event_mapping')
export class AdEventMappingEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'ad_event_mapping_pk' })
  projectId!: number;

  @Column('jsonb')
  mapping!: unknown;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}
