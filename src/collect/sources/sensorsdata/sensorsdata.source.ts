import {
  type CollectOutcome,
  defineEventSource,
  type SourceReply,
  type SourceRequest,
} from '../../core/event-source.js';

/** A transparent GIF of one pixel, 43 bytes. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

const PIXEL_REPLY: SourceReply = {
  status: 200,
  headers: { 'content-type': 'image/gif', 'cache-control': 'no-store' },
  body: PIXEL,
};
const OK_REPLY: SourceReply = { status: 200, headers: TEXT, body: 'ok' };
const SHED_REPLY: SourceReply = { status: 503, headers: TEXT, body: 'try again later' };
const TOO_LARGE_REPLY: SourceReply = { status: 413, headers: TEXT, body: 'the request is too large' };

/**
 * SDKs of SensorsData.
 *
 * Phones keep and send again what is answered 5xx, 403 or 404, and delete on everything else. So only a shed request
 * is answered 503; an unknown project or a wrong token is answered 200, or phones would hoard their data for ever.
 * Source: sa-sdk-android (2025-07), sa-sdk-ios 4.9.1, sa-sdk-javascript 1.27.11.
 */
export const sensorsDataSource = defineEventSource({
  name: 'sensorsdata',
  routes: [
    { methods: ['GET', 'POST'], lastSegment: 'sa' },
    { methods: ['GET', 'POST'], lastSegment: 'sa.gif' },
    { methods: ['GET', 'POST'], lastSegment: 'debug', purpose: 'check' },
  ],

  reply(outcome: CollectOutcome, { method, path }: SourceRequest): SourceReply {
    switch (outcome) {
      case 'shed':
        return SHED_REPLY;
      case 'too_large':
        return TOO_LARGE_REPLY;
      case 'stored':
      case 'unknown_project':
      case 'wrong_token':
      case 'origin_not_allowed':
      case 'unreadable':
        return method === 'GET' || path.endsWith('.gif') ? PIXEL_REPLY : OK_REPLY;
    }
  },
});
