import {
  ApiKeyEntity,
  AuditLogEntity,
  CollectRuleEntity,
  CollectTokenEntity,
  IdempotencyKeyEntity,
  ProjectEntity,
} from '../access/data/access.entity.js';
import { AdClickEntity, AdClickIdKeyEntity, AdLinkEntity } from '../attribution/data/ad-click.entity.js';
import { AdCallbackEntity, AdConversionEntity } from '../attribution/data/ad-conversion.entity.js';
import { AdEventMappingEntity, AdNetworkSettingEntity } from '../attribution/data/ad-setting.entity.js';
import { ChurnModelEntity } from '../churn/data/churn-model.entity.js';
import { ChurnRunEntity } from '../churn/data/churn-run.entity.js';
import { ChurnModelFileEntity, ChurnModelFilePartEntity } from '../churn/data/model-file.entity.js';
import { RemoteConfigEntity } from '../collect/data/remote-config.entity.js';
import { DeadLetterEntity } from '../decode/data/dead-letter.entity.js';
import { DerivedPropertyEntity } from '../decode/data/derived-property.entity.js';
import { EncryptionKeyEntity } from '../decode/data/encryption-key.entity.js';
import { BlocklistEntryEntity } from '../deliver/data/blocklist-entry.entity.js';
import { ChannelSettingEntity } from '../deliver/data/channel-setting.entity.js';
import { MessageEntity } from '../deliver/data/message.entity.js';
import { MessageLogEntity } from '../deliver/data/message-log.entity.js';
import { SinkMessageEntity } from '../deliver/data/sink-message.entity.js';
import { WebhookCallEntity } from '../deliver/data/webhook-call.entity.js';
import { FeatureDefinitionEntity, FeatureSettingEntity } from '../feature/data/feature-catalogue.entity.js';
import { FeatureSetEntity, FeatureSnapshotEntity } from '../feature/data/feature-set.entity.js';
import {
  IdentityBatchEntity,
  IdentityProjectEntity,
  IdentityUnbindEntity,
} from '../identify/data/identity-project.entity.js';
import {
  IdentityRefusalEntity,
  MergeRequestEntity,
  PersonMergeEntity,
} from '../identify/data/merge.entity.js';
import { PersonEntity, PersonIdentityEntity } from '../identify/data/person.entity.js';
import { JournalBatchEntity, JournalEntity } from '../journal/data/journal.entity.js';
import { LinkClickEntity, LinkEntity } from '../link/data/link.entity.js';
import type { EntityClass } from '../platform/db/database.js';
import { CampaignEntity, CampaignEntryEntity, PlanRunEntity } from '../recall/data/campaign.entity.js';
import { TemplateEntity, TemplateVersionEntity } from '../recall/data/template.entity.js';
import {
  SegmentChangeBatchEntity,
  SegmentLiveBuildEntity,
  SegmentLiveEntity,
  SegmentLiveInboxEntity,
  SegmentLiveProjectEntity,
  SegmentStreamFailureEntity,
} from '../segment/data/live.entity.js';
import { SegmentEntity, SegmentVersionEntity } from '../segment/data/segment.entity.js';
import { SegmentExportEntity } from '../segment/data/segment-export.entity.js';
import { SegmentLimitEntity } from '../segment/data/segment-limit.entity.js';
import { SegmentRunEntity } from '../segment/data/segment-run.entity.js';
import { UserListEntity } from '../segment/data/user-list.entity.js';
import { ItemEntity } from '../store/data/item.entity.js';
import { ProfileBatchEntity, ProfileEntity, ProfileMergeEntity } from '../store/data/profile.entity.js';
import { TriggerEntity, TriggerVersionEntity } from '../trigger/data/trigger.entity.js';
import { TriggerDecisionEntity } from '../trigger/data/trigger-decision.entity.js';
import { TriggerTimerEntity } from '../trigger/data/trigger-timer.entity.js';

/** Every table's entity; the drift test compares them with what the migrations make. */
export const ENTITIES: EntityClass[] = [
  ProjectEntity,
  ApiKeyEntity,
  CollectTokenEntity,
  CollectRuleEntity,
  AuditLogEntity,
  IdempotencyKeyEntity,
  JournalEntity,
  JournalBatchEntity,
  DeadLetterEntity,
  EncryptionKeyEntity,
  RemoteConfigEntity,
  DerivedPropertyEntity,
  PersonEntity,
  PersonIdentityEntity,
  PersonMergeEntity,
  IdentityProjectEntity,
  IdentityBatchEntity,
  IdentityUnbindEntity,
  IdentityRefusalEntity,
  MergeRequestEntity,
  ProfileEntity,
  ProfileBatchEntity,
  ProfileMergeEntity,
  ItemEntity,
  SegmentEntity,
  SegmentVersionEntity,
  SegmentRunEntity,
  SegmentLimitEntity,
  SegmentExportEntity,
  UserListEntity,
  SegmentLiveEntity,
  SegmentLiveProjectEntity,
  SegmentStreamFailureEntity,
  SegmentLiveInboxEntity,
  SegmentLiveBuildEntity,
  SegmentChangeBatchEntity,
  ChurnModelEntity,
  ChurnRunEntity,
  ChurnModelFileEntity,
  ChurnModelFilePartEntity,
  LinkEntity,
  LinkClickEntity,
  TriggerEntity,
  TriggerVersionEntity,
  TriggerTimerEntity,
  TriggerDecisionEntity,
  BlocklistEntryEntity,
  ChannelSettingEntity,
  MessageEntity,
  MessageLogEntity,
  SinkMessageEntity,
  WebhookCallEntity,
  AdLinkEntity,
  AdClickEntity,
  AdClickIdKeyEntity,
  AdConversionEntity,
  AdCallbackEntity,
  AdNetworkSettingEntity,
  AdEventMappingEntity,
  TemplateEntity,
  TemplateVersionEntity,
  CampaignEntity,
  PlanRunEntity,
  CampaignEntryEntity,
  FeatureSettingEntity,
  FeatureDefinitionEntity,
  FeatureSetEntity,
  FeatureSnapshotEntity,
];
