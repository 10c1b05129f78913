import { z } from 'zod';
import { AD_EVENT_TYPES } from '../../core/ad-event.js';
import { defineAdNetwork } from '../../core/ad-network.js';
import { normaliseDeviceId, normaliseHashedId } from '../../core/normalise-device-id.js';
import { readPresent } from '../../core/read-present.js';
import { normaliseIp } from '../../core/touch-keys.js';

const EVENT_CODES = { activate: '1', register: '2', pay: '3' };

export const exampleAds = defineAdNetwork({
  name: 'example_ads',
  title: 'Example Ads',
  clickMacros: [
    { parameter: 'callback', macro: '__CALLBACK__', meaning: 'What a callback has to bring back' },
    { parameter: 'oaid', macro: '__OAID__', meaning: 'OAID, raw', os: 'android' },
    { parameter: 'imei', macro: '__IMEI2__', meaning: 'IMEI, md5', os: 'android' },
  ],
  clickIdNames: [],
  parseClick(query) {
    const callbackParam = readPresent(query.get('callback'), 4_096);
    return {
      deviceIds: [
        normaliseDeviceId('oaid', query.get('oaid')),
        normaliseHashedId('imei', query.get('imei')),
      ].filter((id) => id !== null),
      clickTokens: callbackParam === null ? [] : [callbackParam],
      callbackParam,
      campaignId: null,
      adGroupId: null,
      creativeId: null,
      clickedAt: null,
      ip: normaliseIp(readPresent(query.get('ip'))),
      userAgent: null,
      os: null,
    };
  },
  clickAnswer: { status: 200, contentType: 'application/json', body: '{"result":1}' },
  settings: z.strictObject({ callbackEvents: z.array(z.enum(AD_EVENT_TYPES)).default([...AD_EVENT_TYPES]) }),
  secretSettings: [],
  callbackHosts: ['callback.example.com'],
  callbackUrls: () => ({}),
  reports: (eventType, settings) => settings.callbackEvents.includes(eventType),
  buildCallback(conversion, click) {
    if (click.callbackParam === null) return { kind: 'impossible', detail: 'The click had no callback parameter.' };
    const url = new URL('https://callback.example.com/track');
    url.searchParams.set('callback', click.callbackParam);
    url.searchParams.set('event_type', EVENT_CODES[conversion.eventType]);
    url.searchParams.set('event_time', String(conversion.occurredAt));
    return { kind: 'request', request: { method: 'GET', url: url.toString(), headers: {}, body: null } };
  },
  readCallbackAnswer(status, body) {
    if (status >= 500) return { kind: 'retry', detail: `The network answered with status ${status}.` };
    return body.includes('"result":1') ? { kind: 'accepted' } : { kind: 'rejected', detail: body.slice(0, 200) };
  },
  isRepeatSafe: false,
});
