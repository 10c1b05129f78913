import { z } from 'zod';
import { UNATTRIBUTED_REASONS } from '../../kernel/reasons.js';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { AD_EVENT_TYPES } from '../core/ad-event.js';
import { MATCH_METHODS } from '../core/match-attribution.js';
import { DEVICE_ID_KINDS } from '../core/normalise-device-id.js';
import { CALLBACK_STATES } from '../core/settle-callback.js';
import { AD_NETWORKS } from '../networks/index.js';

const NETWORK = z.enum(AD_NETWORKS.map(({ name }) => name)).describe('Name of an ad network');
const OS = z.enum(['android', 'ios']);

export const NETWORK_SETTINGS = z
  .record(z.string(), z.json())
  .describe('Settings of the network, as its `settingsSchema` says; secrets read as `********`');
export type NetworkSettings = z.infer<typeof NETWORK_SETTINGS>;

export const AD_NETWORK = z.object({
  name: NETWORK,
  title: z.string(),
  clickMacros: z.array(
    z.object({ parameter: z.string(), macro: z.string(), meaning: z.string(), os: OS.nullable() }),
  ),
  callbackHosts: z.array(z.string()),
  isRepeatSafe: z.boolean().describe('Whether the network takes the same callback twice as one'),
  settingsSchema: z.unknown().describe('JSON Schema of the settings'),
  settings: NETWORK_SETTINGS,
});
export const AD_NETWORK_LIST = z.object({ items: z.array(AD_NETWORK) });

const EVENT_NAMES = z.array(z.string().min(1).max(100)).max(100);
export const EVENT_MAPPING = z.strictObject({
  register: EVENT_NAMES.describe('Events that count as a sign-up').meta({ example: ['$SignUp'] }),
  pay: EVENT_NAMES.describe('Events that count as a payment').meta({ example: ['PayOrder'] }),
  payAmountProperty: z
    .string()
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .describe('Numeric property of a payment event that is told to the network as it is; null tells none'),
});
export type EventMapping = z.infer<typeof EVENT_MAPPING>;

const UTM = z
  .record(
    z.string().regex(/^utm_[a-z_]{1,40}$/, 'the name of a UTM parameter starts with utm_'),
    z.string().min(1).max(255),
  )
  .describe('UTM parameters that the landing page gets');
const LANDING_URL = z
  .url({ protocol: /^https?$/, message: 'must be an http or https address' })
  .max(2_048)
  .describe('Where `?redirect=1` leads; the only place it can lead to');
const LINK_FIELDS = {
  name: z.string().min(1).max(200),
  app: z.string().min(1).max(200).nullable().describe('Name of the app or site that is advertised'),
  os: OS.nullable().describe('Leaves the other system’s macros out of the monitoring link'),
  utm: UTM,
  landingUrl: LANDING_URL.nullable(),
  windowDays: z.number().int().min(1).max(90).describe('Days within which a click can earn a conversion'),
  expiresAt: z.iso.datetime().nullable().describe('From then on clicks are answered and not stored'),
  isDisabled: z.boolean().describe('Clicks of a disabled link are answered and not stored'),
};

export const CREATE_AD_LINK = z.strictObject({
  ...LINK_FIELDS,
  network: NETWORK,
  app: LINK_FIELDS.app.default(null),
  os: LINK_FIELDS.os.default(null),
  utm: LINK_FIELDS.utm.default({}),
  landingUrl: LINK_FIELDS.landingUrl.default(null),
  windowDays: LINK_FIELDS.windowDays.default(7),
  expiresAt: LINK_FIELDS.expiresAt.default(null),
  isDisabled: LINK_FIELDS.isDisabled.default(false),
});
export type CreateAdLink = z.infer<typeof CREATE_AD_LINK>;
export const UPDATE_AD_LINK = z.strictObject(LINK_FIELDS).partial();
export type UpdateAdLink = z.infer<typeof UPDATE_AD_LINK>;

export const AD_LINK = z.object({
  id: z.string().meta({ example: 'adl_01jd2x5v8m4q7r9t0w3y6z1a2b' }),
  code: z.string(),
  network: z.string(),
  ...LINK_FIELDS,
  monitoringUrl: z.string().describe('Paste this at the network as the monitoring link of clicks'),
  landingLink: z
    .string()
    .nullable()
    .describe('Leads a browser to the landing page and counts the click; null without a landing page'),
  createdAt: z.iso.datetime(),
});
export const AD_LINK_PAGE = pageOf(AD_LINK);

export const CLICK_QUERY = PAGE_QUERY.extend({
  adLinkId: z.string().max(64).optional().describe('Only clicks of this link'),
});
export type ClickQuery = z.infer<typeof CLICK_QUERY>;
export const AD_CLICK_PAGE = pageOf(
  z.object({
    id: z.string(),
    adLinkId: z.string(),
    network: z.string(),
    clickedAt: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
    os: OS.nullable(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    deviceIds: z.array(
      z.object({
        kind: z.enum(DEVICE_ID_KINDS),
        raw: z.string().nullable().describe('null where only a hash came'),
        md5: z.string().describe('In the form that most networks use'),
      }),
    ),
    callbackParam: z.string().nullable(),
    campaignId: z.string().nullable(),
    adGroupId: z.string().nullable(),
    creativeId: z.string().nullable(),
    query: z.string().describe('As it came'),
  }),
);

export const CONVERSION_QUERY = PAGE_QUERY.extend({
  userId: z
    .string()
    .regex(/^usr_[1-9]\d{0,15}$/, 'must be a user id, such as usr_17')
    .optional(),
  eventType: z.enum(AD_EVENT_TYPES).optional(),
  attributed: z.enum(['true', 'false']).optional().describe('Only with, or only without a click'),
});
export type ConversionQuery = z.infer<typeof CONVERSION_QUERY>;
export const CONVERSION_PAGE = pageOf(
  z.object({
    id: z.string(),
    userId: z.string(),
    eventId: z.string(),
    event: z.string(),
    eventType: z.enum(AD_EVENT_TYPES),
    adClickId: z.string().nullable(),
    adLinkId: z.string().nullable(),
    network: z.string().nullable(),
    campaignId: z.string().nullable(),
    matchedBy: z.enum(MATCH_METHODS).nullable(),
    unattributedReason: z.enum(UNATTRIBUTED_REASONS).nullable(),
    amount: z.number().nullable(),
    occurredAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
  }),
);

export const CALLBACK_QUERY = PAGE_QUERY.extend({ state: z.enum(CALLBACK_STATES).optional() });
export type CallbackQuery = z.infer<typeof CALLBACK_QUERY>;
export const AD_CALLBACK = z.object({
  id: z.string(),
  conversionId: z.string(),
  network: z.string(),
  eventType: z.enum(AD_EVENT_TYPES),
  state: z
    .enum(CALLBACK_STATES)
    .describe('unknown: the call was made, and whether the network took it is not known'),
  attempts: z.number().int(),
  request: z
    .object({
      method: z.enum(['GET', 'POST']),
      url: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.string().nullable(),
    })
    .nullable()
    .describe('As it was sent last; headers that may hold secrets read as `********`'),
  response: z.object({ status: z.number().int(), body: z.string() }).nullable(),
  error: z.string().nullable(),
  nextAttemptAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export const AD_CALLBACK_PAGE = pageOf(AD_CALLBACK);
