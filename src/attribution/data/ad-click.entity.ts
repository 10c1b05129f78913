import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

@Entity('ad_link')
@Unique('ad_link_code_key', ['code'])
@Index('ad_link_project_idx', ['projectId', 'id'])
@Check('ad_link_os_check', `os IN ('android', 'ios')`)
export class AdLinkEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ad_link_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  code!: string;

  @Column('text')
  network!: string;

  @Column('text')
  name!: string;

  @Column('text', { nullable: true })
  app!: string | null;

  @Column('text', { nullable: true })
  os!: string | null;

  @Column('jsonb')
  utm!: unknown;

  @Column('text', { name: 'landing_url', nullable: true })
  landingUrl!: string | null;

  @Column('integer', { name: 'window_days', default: 7 })
  windowDays!: number;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column('boolean', { name: 'is_disabled', default: false })
  isDisabled!: boolean;
}

@Entity('ad_click')
@Index('ad_click_project_idx', ['projectId', 'id'])
@Index('ad_click_link_idx', ['adLinkId', 'id'])
export class AdClickEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'ad_click_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text', { name: 'ad_link_id' })
  adLinkId!: string;

  @Column('text')
  network!: string;

  @Column({ type: 'timestamptz', name: 'clicked_at', precision: 3 })
  clickedAt!: Date;

  @Column({ type: 'timestamptz', name: 'received_at', precision: 3 })
  receivedAt!: Date;

  @Column('text', { nullable: true })
  os!: string | null;

  @Column('text', { nullable: true })
  ip!: string | null;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent!: string | null;

  @Column('jsonb', { name: 'device_ids' })
  deviceIds!: unknown;

  @Column('text', { name: 'click_tokens', array: true })
  clickTokens!: string[];

  @Column('text', { name: 'callback_param', nullable: true })
  callbackParam!: string | null;

  @Column('text', { name: 'campaign_id', nullable: true })
  campaignId!: string | null;

  @Column('text', { name: 'ad_group_id', nullable: true })
  adGroupId!: string | null;

  @Column('text', { name: 'creative_id', nullable: true })
  creativeId!: string | null;

  @Column('text', { name: 'raw_query' })
  rawQuery!: string;
}

@Entity('ad_click_id_key')
export class AdClickIdKeyEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'ad_click_id_key_pk' })
  projectId!: number;

  @PrimaryColumn('text', { name: 'id_kind', primaryKeyConstraintName: 'ad_click_id_key_pk' })
  idKind!: string;

  @PrimaryColumn('text', { name: 'id_hash', primaryKeyConstraintName: 'ad_click_id_key_pk' })
  idHash!: string;

  @PrimaryColumn({
    type: 'timestamptz',
    name: 'clicked_at',
    precision: 3,
    primaryKeyConstraintName: 'ad_click_id_key_pk',
  })
  clickedAt!: Date;

  @PrimaryColumn('text', { name: 'ad_click_id', primaryKeyConstraintName: 'ad_click_id_key_pk' })
  adClickId!: string;
}
