import { Check, Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { LinkKind } from '../core/link-code.js';

@Entity('link')
@Unique('link_code_key', ['code'])
@Unique('link_lookup_key', ['lookupKey'])
@Unique('link_message_target_key', ['messageId', 'targetHash'])
@Index('link_project_idx', ['projectId', 'kind', 'id'])
@Index('link_public_target_idx', ['projectId', 'targetHash'], { where: `kind = 'public'` })
@Check('link_kind_check', `kind IN ('public', 'recipient')`)
export class LinkEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'link_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  code!: string;

  /** The code itself; of a custom slug its lower-case form, under which it is found however it is written. */
  @Column('text', { name: 'lookup_key' })
  lookupKey!: string;

  @Column('boolean', { name: 'is_custom' })
  isCustom!: boolean;

  @Column('text')
  kind!: LinkKind;

  @Column('text', { name: 'target_url' })
  targetUrl!: string;

  @Column('text', { name: 'target_hash' })
  targetHash!: string;

  @Column('text', { default: '' })
  title!: string;

  @Column('bigint', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('text', { name: 'message_id', nullable: true })
  messageId!: string | null;

  @Column('text', { name: 'campaign_id', nullable: true })
  campaignId!: string | null;

  @Column({ type: 'timestamptz', name: 'expires_at', precision: 3, nullable: true })
  expiresAt!: Date | null;

  @Column('integer', { name: 'max_clicks', nullable: true })
  maxClicks!: number | null;

  @Column('bigint', { name: 'click_count', default: 0 })
  clickCount!: string;

  @Column('boolean', { name: 'is_disabled', default: false })
  isDisabled!: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;
}

@Entity('link_click')
@Index('link_click_link_idx', ['linkId', 'id'])
@Index('link_click_pending_idx', ['id'], { where: 'is_pending' })
export class LinkClickEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'link_click_pk',
  })
  id!: string;

  @Column('text', { name: 'link_id' })
  linkId!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column({ type: 'timestamptz', name: 'clicked_at', precision: 3 })
  clickedAt!: Date;

  @Column('boolean', { name: 'is_bot' })
  isBot!: boolean;

  /** The visitor came by the QR code. */
  @Column('boolean', { name: 'is_scan' })
  isScan!: boolean;

  /** A recipient's click whose effects are not handed over yet. */
  @Column('boolean', { name: 'is_pending' })
  isPending!: boolean;

  @Column('text', { name: 'ip_hash' })
  ipHash!: string;

  @Column('text', { name: 'user_agent' })
  userAgent!: string;

  @Column('text')
  referrer!: string;
}
