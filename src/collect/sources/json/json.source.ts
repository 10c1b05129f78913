import type { Rejection, Verdict } from '../../../kernel/verdict.js';
import {
  type CollectOutcome,
  defineEventSource,
  type KeyedRequest,
  type OpenedRequest,
  type SourceReply,
  type SourceRequest,
} from '../../core/event-source.js';
import { readRequestKey } from '../../core/request-key.js';

/** Name under which the journal keeps the header `Idempotency-Key` in the query of a request. */
const IDEMPOTENCY_KEY = 'idempotency-key';
const MAX_IDEMPOTENCY_KEY_LENGTH = 200;

/** Our own API for events as plain JSON. Errors of a whole request are problems (RFC 9457). */
export const jsonSource = defineEventSource({
  name: 'json',
  routes: [{ methods: ['POST'], path: '/v1/events', purpose: 'judge' }],

  open({ query, body, header }: KeyedRequest): OpenedRequest {
    const key = readRequestKey(header('authorization')) ?? new URLSearchParams(query).get('token');
    const idempotencyKey = header(IDEMPOTENCY_KEY);
    if (idempotencyKey === null) return { key, query, body, failure: null };
    const detail = `The Idempotency-Key is longer than ${MAX_IDEMPOTENCY_KEY_LENGTH} characters.`;
    return {
      key,
      // The header goes before what the client may have put into the query.
      query: `${new URLSearchParams({ [IDEMPOTENCY_KEY]: idempotencyKey })}&${query}`,
      body,
      failure:
        idempotencyKey.length > MAX_IDEMPOTENCY_KEY_LENGTH
          ? { kind: 'dead', reason: 'invalid_value', detail }
          : null,
    };
  },

  reply(outcome: CollectOutcome, _request: SourceRequest, detail: string): SourceReply {
    switch (outcome) {
      case 'stored':
        return { status: 200, headers: JSON_TYPE, body: '{"accepted":0,"rejected":[]}' };
      case 'shed':
        return problem(PROBLEMS.unavailable, 'Send the same again after the time in Retry-After.');
      case 'too_large':
        return problem(PROBLEMS.tooLarge, detail);
      case 'unreadable':
        return problem(PROBLEMS.malformed, detail);
      case 'unknown_project':
      case 'wrong_token':
        return problem(PROBLEMS.unauthenticated, `${detail} ${HOW_TO_SEND_A_KEY}`);
      case 'origin_not_allowed':
        return problem(PROBLEMS.forbidden, detail);
    }
  },

  tell({ accepted, rejected }: Verdict): SourceReply {
    if (accepted > 0) {
      return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ accepted, rejected }) };
    }
    const detail = rejected.length === 1 ? (rejected[0]?.detail ?? '') : 'No record can be stored.';
    return problem(PROBLEMS.invalid, detail, rejected);
  },
});

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const PROBLEM_TYPE = { 'content-type': 'application/problem+json; charset=utf-8' };
const HOW_TO_SEND_A_KEY =
  'Send a collect token, or an API key with the scope collect: Authorization: Bearer <key>.';
const PROBLEMS = {
  malformed: { status: 400, code: 'malformed_request', title: 'The body cannot be read' },
  unauthenticated: { status: 401, code: 'unauthenticated', title: 'No valid key' },
  forbidden: { status: 403, code: 'forbidden', title: 'The page may not send events' },
  tooLarge: { status: 413, code: 'body_too_large', title: 'The request is too large' },
  invalid: { status: 422, code: 'invalid_request', title: 'The request is not valid' },
  unavailable: { status: 503, code: 'unavailable', title: 'A part of the service is down' },
} as const;

function problem(
  kind: (typeof PROBLEMS)[keyof typeof PROBLEMS],
  detail: string,
  rejected?: readonly Rejection[],
): SourceReply {
  const body = {
    type: `/problems/${kind.code.replaceAll('_', '-')}`,
    title: kind.title,
    status: kind.status,
    detail,
    code: kind.code,
    ...(rejected ? { accepted: 0, rejected } : {}),
  };
  const challenge: Record<string, string> = kind.status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return { status: kind.status, headers: { ...PROBLEM_TYPE, ...challenge }, body: JSON.stringify(body) };
}
