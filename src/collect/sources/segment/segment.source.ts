import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';
import { readJsonText } from '../../../kernel/json-body.js';
import { dead } from '../../../kernel/outcome.js';
import {
  type CollectOutcome,
  defineEventSource,
  type KeyedRequest,
  type OpenedRequest,
  type SourceReply,
} from '../../core/event-source.js';
import { readRequestKey } from '../../core/request-key.js';

/** Last part of an address and the type of its call; null: a batch. */
const CALLS: Readonly<Record<string, string | null>> = {
  track: 'track',
  t: 'track',
  identify: 'identify',
  i: 'identify',
  page: 'page',
  p: 'page',
  screen: 'screen',
  s: 'screen',
  group: 'group',
  g: 'group',
  alias: 'alias',
  a: 'alias',
  batch: null,
  b: null,
  import: null,
};
const MAX_KEY_LENGTH = 200;

/**
 * Client libraries of Segment.
 *
 * They send again what is answered 5xx, and drop what is answered 400, 401 or 413. The write key is a collect token, as
 * the user name of HTTP Basic, as a bearer token, or as `writeKey` in the body. A single call whose type only its
 * address tells gets it written into its body, so that the journal's copy speaks for itself.
 *
 * Source: analytics-node 3.1 (`/v1/batch`), analytics-next 1.84 (`/v1/t`, `/v1/b` and so on, JSON as text/plain);
 * mobile and older server libraries use `/v1/b`, `/v1/batch` and `/v1/import`; HTTP API document of Segment.
 */
export const segmentSource = defineEventSource({
  name: 'segment',
  routes: Object.keys(CALLS).map((call) => ({ methods: ['POST'] as const, path: `/v1/${call}` })),

  open(request: KeyedRequest, inflatedLimitBytes: number): OpenedRequest {
    const key = readRequestKey(request.header('authorization'));
    const { query, body } = request;
    const read = readJsonText(body, inflatedLimitBytes);
    if (read.kind === 'dead') return { key, query, body, failure: read };
    const value = parse(read.text);
    if (!isJsonObject(value)) {
      return { key, query, body, failure: dead('invalid_json', 'The body is not a JSON object.') };
    }
    const type = CALLS[lastPart(request.path)] ?? null;
    const lacksType = type !== null && value['type'] === undefined && value['batch'] === undefined;
    return {
      key: key ?? keyOf(value),
      query,
      body: lacksType ? withType(read.text, type) : body,
      failure: type === null && !Array.isArray(value['batch']) ? NO_BATCH : null,
    };
  },

  reply(outcome: CollectOutcome, _request, detail: string): SourceReply {
    switch (outcome) {
      case 'stored':
        return SUCCESS;
      case 'shed':
        return SHED;
      case 'too_large':
        return failed(413, detail);
      case 'unreadable':
        return failed(400, detail);
      case 'unknown_project':
      case 'wrong_token':
        return failed(401, detail);
      case 'origin_not_allowed':
        return failed(403, detail);
    }
  },
});

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const SUCCESS: SourceReply = { status: 200, headers: JSON_TYPE, body: '{"success":true}' };
const NO_BATCH = dead('not_a_record', 'The body has no list named batch.');
const SHED = failed(503, 'Try again later.');

function failed(status: number, message: string): SourceReply {
  return { status, headers: JSON_TYPE, body: JSON.stringify({ success: false, message }) };
}

function lastPart(path: string): string {
  return path.split('/')[2] ?? '';
}

function keyOf(body: JsonObject): string | null {
  const key = body['writeKey'];
  return typeof key === 'string' && key !== '' && key.length <= MAX_KEY_LENGTH ? key : null;
}

/** Undefined: it is not JSON. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Puts the type into the text: to write the object out anew could overflow the stack. */
function withType(text: string, type: string): Buffer {
  const rest = text.slice(text.indexOf('{') + 1);
  const comma = rest.trimStart().startsWith('}') ? '' : ',';
  return Buffer.from(`{"type":"${type}"${comma}${rest}`);
}
