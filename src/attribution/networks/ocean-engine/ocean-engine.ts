import { z } from 'zod';
import { AD_EVENT_TYPES, type AdEventType } from '../../core/ad-event.js';
import {
  type CallbackAnswer,
  type CallbackClick,
  type CallbackConversion,
  type ClickMacro,
  defineAdNetwork,
  type ParsedClick,
} from '../../core/ad-network.js';
import {
  type DeviceId,
  type DeviceIdKind,
  normaliseDeviceId,
  normaliseHashedId,
  readCaids,
} from '../../core/normalise-device-id.js';
import { readPresent } from '../../core/read-present.js';
import { normaliseIp } from '../../core/touch-keys.js';

const HOST = 'analytics.oceanengine.com';
const CALLBACK_PATH = '/api/v2/conversion';
/** Signed by the network and some hundred characters long; a link of 星图 may have 10 K in all. */
const CALLBACK_PARAM_LENGTH = 8_192;

const EVENT_TYPES: Record<AdEventType, string> = {
  activate: 'active',
  register: 'active_register',
  pay: 'active_pay',
};

const MACROS: readonly ClickMacro[] = [
  { parameter: 'callback', macro: '__CALLBACK_PARAM__', meaning: 'What a callback has to bring back' },
  { parameter: 'request_id', macro: '__REQUEST_ID__', meaning: 'Id of the request that showed the ad' },
  { parameter: 'track_id', macro: '__TRACK_ID__', meaning: 'Id of the click' },
  { parameter: 'oaid', macro: '__OAID__', meaning: 'OAID, raw', os: 'android' },
  { parameter: 'oaid_md5', macro: '__OAID_MD5__', meaning: 'OAID, md5', os: 'android' },
  { parameter: 'imei', macro: '__IMEI__', meaning: 'IMEI, md5', os: 'android' },
  { parameter: 'android_id', macro: '__ANDROIDID__', meaning: 'Android id, md5', os: 'android' },
  { parameter: 'idfa', macro: '__IDFA__', meaning: 'IDFA, raw', os: 'ios' },
  { parameter: 'idfa_md5', macro: '__IDFA_MD5__', meaning: 'IDFA, md5', os: 'ios' },
  { parameter: 'caid', macro: '__CAID__', meaning: 'CAID', os: 'ios' },
  { parameter: 'mac', macro: '__MAC__', meaning: 'MAC, md5 of upper case without colons' },
  { parameter: 'mac1', macro: '__MAC1__', meaning: 'MAC, md5 of upper case with colons' },
  { parameter: 'os', macro: '__OS__', meaning: '0 Android, 1 iOS, 3 other' },
  { parameter: 'ip', macro: '__IP__', meaning: 'Address of the device' },
  { parameter: 'ua', macro: '__UA__', meaning: 'User agent of the device' },
  { parameter: 'ts', macro: '__TS__', meaning: 'Time of the click, ms since 1970' },
  { parameter: 'campaign_id', macro: '__CAMPAIGN_ID__', meaning: 'Campaign (广告组)' },
  { parameter: 'aid', macro: '__AID__', meaning: 'Ad plan (广告计划)' },
  { parameter: 'cid', macro: '__CID__', meaning: 'Creative (广告创意)' },
  { parameter: 'project_id', macro: '__PROJECT_ID__', meaning: 'Project of the 2.0 platform' },
  { parameter: 'promotion_id', macro: '__PROMOTION_ID__', meaning: 'Ad of the 2.0 platform' },
  { parameter: 'advertiser_id', macro: '__ADVERTISER_ID__', meaning: 'Advertiser account' },
];

const SETTINGS = z.strictObject({
  callbackBaseUrl: z
    .url({ protocol: /^https?$/ })
    .default(`https://${HOST}`)
    .describe('Where callbacks go. Another host than the network’s own has to be in OUTBOUND_ALLOW_HOSTS.'),
  callbackEvents: z
    .array(z.enum(AD_EVENT_TYPES))
    .default([...AD_EVENT_TYPES])
    .describe('Which conversions are told to the network'),
});

/** Ocean Engine 巨量引擎 (今日头条, 抖音): facts and their sources in README.md beside this file. */
export const oceanEngine = defineAdNetwork({
  name: 'ocean_engine',
  title: 'Ocean Engine 巨量引擎',
  clickMacros: MACROS,
  clickIdNames: ['clickid'],
  parseClick,
  clickAnswer: {
    status: 200,
    contentType: 'application/json; charset=utf-8',
    body: '{"code":0,"result":1,"success":true,"msg":"success","error":""}',
  },
  settings: SETTINGS,
  secretSettings: [],
  callbackHosts: [HOST],
  callbackUrls: ({ callbackBaseUrl }) => ({ callbackBaseUrl }),
  reports: (eventType, settings) => settings.callbackEvents.includes(eventType),
  buildCallback(conversion, click, settings) {
    if (click.callbackParam === null) {
      return {
        kind: 'impossible',
        detail: 'The click came without a callback parameter: put callback=__CALLBACK_PARAM__ into the link.',
      };
    }
    return {
      kind: 'request',
      request: {
        method: 'POST',
        url: settings.callbackBaseUrl.replace(/\/+$/, '') + CALLBACK_PATH,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(toBody(conversion, click, click.callbackParam)),
      },
    };
  },
  readCallbackAnswer,
  isRepeatSafe: true,
});

function parseClick(query: URLSearchParams): ParsedClick {
  const read = (name: string, maxLength?: number) => readPresent(query.get(name), maxLength);
  const id = (name: string) => (read(name) === '0' ? null : read(name, 128));
  // Form decoding turns an unencoded + into a space; base64 has no spaces.
  const callbackParam = read('callback', CALLBACK_PARAM_LENGTH)?.replaceAll(' ', '+') ?? null;
  const timestamp = read('ts');
  return {
    deviceIds: readDeviceIds(query),
    clickTokens: [callbackParam, id('request_id'), id('track_id')].filter((token) => token !== null),
    callbackParam,
    campaignId: id('campaign_id') ?? id('project_id'),
    adGroupId: id('aid') ?? id('promotion_id'),
    creativeId: id('cid'),
    clickedAt: timestamp !== null && /^\d{10,13}$/.test(timestamp) ? Number(timestamp) : null,
    ip: normaliseIp(read('ip')),
    userAgent: read('ua', 1_024),
    os: { '0': 'android' as const, '1': 'ios' as const }[read('os') ?? ''] ?? null,
  };
}

function readDeviceIds(query: URLSearchParams): DeviceId[] {
  const found = [
    normaliseDeviceId('oaid', query.get('oaid')),
    normaliseHashedId('oaid', query.get('oaid_md5')),
    normaliseDeviceId('idfa', query.get('idfa')),
    normaliseHashedId('idfa', query.get('idfa_md5')),
    normaliseHashedId('imei', query.get('imei')),
    normaliseHashedId('android_id', query.get('android_id')),
    normaliseHashedId('mac', query.get('mac')),
    normaliseHashedId('mac', query.get('mac1')),
    ...readCaids(query.get('caid')),
  ];
  return found.filter((id) => id !== null);
}

function toBody(conversion: CallbackConversion, click: CallbackClick, callback: string): object {
  const first = (kind: DeviceIdKind, form: 'raw' | 'md5') =>
    click.deviceIds
      .filter((id) => id.kind === kind)
      .map((id) => (form === 'raw' ? id.raw : id.hashes[0]))
      .find((text) => text !== null && text !== undefined);
  return {
    event_type: EVENT_TYPES[conversion.eventType],
    context: {
      ad: { callback, match_type: 0 },
      // Fields without a value are left out by JSON.
      device: {
        platform: click.os ?? undefined,
        imei: first('imei', 'md5'),
        idfa: first('idfa', 'raw'),
        oaid: first('oaid', 'raw'),
        android_id: first('android_id', 'md5'),
      },
    },
    ...(conversion.amount === null ? {} : { properties: { pay_amount: conversion.amount } }),
    timestamp: conversion.occurredAt,
    outer_event_id: conversion.conversionId,
  };
}

/** The HTTP status tells nothing: a callback is taken where the JSON says `code` 0. */
function readCallbackAnswer(status: number, body: string): CallbackAnswer {
  if (status >= 500 || status === 429 || status === 408) {
    return { kind: 'retry', detail: `The network answered with status ${status}.` };
  }
  const code = readCode(body);
  if (code === 0) return { kind: 'accepted' };
  return code === null
    ? { kind: 'retry', detail: `The network answered with status ${status} and no code.` }
    : { kind: 'rejected', detail: `The network answered with code ${code}.` };
}

function readCode(body: string): number | null {
  try {
    const answer: unknown = JSON.parse(body);
    const code = typeof answer === 'object' && answer !== null && 'code' in answer ? answer.code : null;
    return typeof code === 'number' ? code : null;
  } catch {
    return null;
  }
}
