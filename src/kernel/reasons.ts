/**
 * The closed lists of reasons: every drop, hold, suppression and non-attribution names one of these.
 * A new reason is a new line here; the same word appears in metrics, tables, reports and documents.
 */

/** Why a payload or a record from an SDK was kept as a dead letter instead of being stored. */
export const DEAD_REASONS = [
  'undecodable_base64',
  'undecodable_gzip',
  'inflated_too_large',
  'invalid_json',
  'too_complex',
  'not_a_record',
  'too_many_records',
  'unknown_record_type',
  'missing_distinct_id',
  'missing_event_name',
  'missing_item_id',
  'invalid_name',
  'invalid_time',
  'time_too_old',
  'time_too_far_ahead',
  'invalid_value',
  'unknown_field',
  'encrypted_without_key',
  'decryption_failed',
  'unknown_project',
  'wrong_token',
  'origin_not_allowed',
  'no_payload',
  'step_failed',
] as const;
export type DeadReason = (typeof DEAD_REASONS)[number];

/** Why something that was understood is left out on purpose; expected, counted, never an error. */
export const DROP_REASONS = ['duplicate', 'illegal_property', 'profile_full'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Why a planned message is held back and never handed to a channel. */
export const HOLD_REASONS = [
  'no_address',
  'invalid_address',
  'blocklisted',
  'frequency_cap',
  'control_group',
  'quiet_hours_expired',
  'missing_variable',
  'template_error',
  'campaign_stopped',
  'left_segment',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** Why a trigger that saw its event did not fire, or a timer did not come to its end. */
export const NO_FIRE_REASONS = [
  'filter_not_met',
  'value_not_met',
  'already_waiting',
  'cooldown',
  'followed_by_event',
  'trigger_disabled',
  'too_late',
] as const;
export type NoFireReason = (typeof NO_FIRE_REASONS)[number];

/** Why an install or conversion is attributed to no ad click. */
export const UNATTRIBUTED_REASONS = [
  'no_candidate',
  'outside_window',
  'no_device_id',
  'already_attributed',
] as const;
export type UnattributedReason = (typeof UNATTRIBUTED_REASONS)[number];

/** Why a channel did not take a message, or may not have. */
export const DELIVERY_REASONS = [
  'address_refused',
  'mailbox_full',
  'message_refused',
  'provider_unavailable',
  'provider_refused_login',
  'rate_limited',
  'timeout',
  'connection_lost',
  'worker_lost',
  'not_configured',
  'render_failed',
  'channel_failed',
  'settled_by_hand',
] as const;
export type DeliveryReason = (typeof DELIVERY_REASONS)[number];

/** Why an address, a domain or a user is on the blocklist. */
export const BLOCK_REASONS = [
  'hard_bounce',
  'complaint',
  'unsubscribe',
  'invalid_address',
  'manual',
  'import',
] as const;
export type BlockReason = (typeof BLOCK_REASONS)[number];

/** Why a webhook call was given up, or is tried again. */
export const WEBHOOK_FAILURES = [
  'forbidden_address',
  'timeout',
  'unreachable',
  'answer_too_large',
  'answered_3xx',
  'answered_4xx',
  'answered_5xx',
] as const;
export type WebhookFailure = (typeof WEBHOOK_FAILURES)[number];

/** Why an identity was not joined with the user of its record. */
export const CLAIM_REFUSALS = [
  'other_login',
  'blocked_value',
  'key_never_joins',
  'shared_value',
  'too_many_merges',
  'undone_before',
  'key_not_unbindable',
] as const;
export type ClaimRefusal = (typeof CLAIM_REFUSALS)[number];

/** Why a merge that a person asked for, or its undoing, did not take place. */
export const MERGE_REQUEST_REFUSALS = [
  ...CLAIM_REFUSALS,
  'unknown_user',
  'nothing_to_join',
  'already_undone',
  'merged_further',
] as const;
export type MergeRequestRefusal = (typeof MERGE_REQUEST_REFUSALS)[number];

/** Why a row of an uploaded list names nobody, or changes nothing. */
export const LIST_ROW_REASONS = [
  'unreadable_row',
  'missing_value',
  'invalid_user_id',
  'invalid_identity',
  'value_too_long',
  'duplicate_row',
  'unknown_user',
  'not_on_list',
] as const;
export type ListRowReason = (typeof LIST_ROW_REASONS)[number];
