import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import type { JsonObject } from '../../kernel/json.js';
import type { CampaignSchedule, FrequencyCap, Reentry } from '../core/campaign.js';
import type { CampaignState } from '../core/campaign-state.js';
import type { PlanCounts, PlanRunState } from '../core/plan-counts.js';
import type { SendWindow } from '../core/send-window.js';

@Entity('campaign')
@Index('campaign_project_idx', ['projectId', 'id'])
@Index('campaign_active_idx', ['projectId', 'segmentId'], { where: `state = 'active'` })
@Check('campaign_state_check', `state IN ('draft', 'active', 'paused', 'stopped', 'completed')`)
@Check('campaign_schedule_check', `schedule IN ('on_segment_run', 'once')`)
export class CampaignEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'campaign_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  name!: string;

  @Column('text', { name: 'segment_id' })
  segmentId!: string;

  @Column('text', { name: 'template_id' })
  templateId!: string;

  @Column('text')
  channel!: string;

  @Column('text')
  state!: CampaignState;

  @Column('text')
  schedule!: CampaignSchedule;

  @Column({ type: 'timestamptz', name: 'send_at', precision: 3, nullable: true })
  sendAt!: Date | null;

  @Column('jsonb')
  reentry!: Reentry;

  @Column('jsonb', { name: 'frequency_cap', nullable: true })
  frequencyCap!: FrequencyCap | null;

  @Column('smallint', { name: 'control_percent' })
  controlPercent!: number;

  @Column('integer', { name: 'return_window_hours' })
  returnWindowHours!: number;

  @Column('jsonb', { name: 'send_window', nullable: true })
  sendWindow!: SendWindow | null;

  @Column('text', { nullable: true })
  sender!: string | null;

  @Column('jsonb')
  variables!: JsonObject;

  /** A run of the segment that was asked for by this campaign; it is planned when it is finished. */
  @Column('text', { name: 'requested_run_id', nullable: true })
  requestedRunId!: string | null;

  @Column({ type: 'timestamptz', name: 'requested_at', precision: 3, nullable: true })
  requestedAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;

  @Column({ type: 'timestamptz', name: 'activated_at', precision: 3, nullable: true })
  activatedAt!: Date | null;
}

/** One planning of a campaign over one run of its segment. */
@Entity('plan_run')
@Unique('plan_run_segment_run_key', ['campaignId', 'segmentRunId'])
@Index('plan_run_campaign_idx', ['campaignId', 'id'])
@Index('plan_run_planning_idx', ['leaseUntil'], { where: `state = 'planning'` })
@Check('plan_run_state_check', `state IN ('planning', 'done', 'failed')`)
export class PlanRunEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'plan_run_pk' })
  id!: string;

  @Column('text', { name: 'campaign_id' })
  campaignId!: string;

  @ManyToOne(() => CampaignEntity)
  @JoinColumn({ name: 'campaign_id', foreignKeyConstraintName: 'plan_run_campaign_fk' })
  campaign!: CampaignEntity;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text', { name: 'segment_run_id' })
  segmentRunId!: string;

  @Column('text')
  state!: PlanRunState;

  @Column('jsonb')
  counts!: PlanCounts;

  /** Checkpoint: members up to this one are planned. */
  @Column('bigint', { name: 'last_user_id' })
  lastUserId!: string;

  @Column('text', { nullable: true })
  error!: string | null;

  @Column({ type: 'timestamptz', name: 'started_at', precision: 3 })
  startedAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', precision: 3, nullable: true })
  finishedAt!: Date | null;

  /** Until then one worker has the run for itself. */
  @Column({ type: 'timestamptz', name: 'lease_until', precision: 3, nullable: true })
  leaseUntil!: Date | null;
}

/** When a user last entered a campaign that lets them enter again after some days. */
@Entity('campaign_entry')
export class CampaignEntryEntity {
  @PrimaryColumn('text', { name: 'campaign_id', primaryKeyConstraintName: 'campaign_entry_pk' })
  campaignId!: string;

  @PrimaryColumn('bigint', { name: 'user_id', primaryKeyConstraintName: 'campaign_entry_pk' })
  userId!: string;

  @Column('text', { name: 'segment_run_id' })
  segmentRunId!: string;

  @Column({ type: 'timestamptz', name: 'entered_at', precision: 3 })
  enteredAt!: Date;
}
