import { decideWebhook, type WebhookAnswer } from './decide-webhook.js';

const answered = (status: number, headers: Record<string, string> = {}): WebhookAnswer => ({
  kind: 'answered',
  status,
  headers,
});
const failed = (
  reason: 'forbidden_address' | 'timeout' | 'unreachable' | 'answer_too_large',
): WebhookAnswer => ({
  kind: 'failed',
  reason,
  detail: 'why',
});

describe('decideWebhook', () => {
  it.each([200, 204, 299])('is done with %i', (status) => {
    expect(decideWebhook(answered(status), 1)).toEqual({ kind: 'done', status });
  });

  it.each<[string, WebhookAnswer, string]>([
    ['500', answered(500), 'answered_5xx'],
    ['429', answered(429), 'answered_4xx'],
    ['a timeout', failed('timeout'), 'timeout'],
    ['an unreachable server', failed('unreachable'), 'unreachable'],
  ])('tries again after %s', (_case, answer, reason) => {
    expect(decideWebhook(answer, 1)).toMatchObject({ kind: 'retry', reason, afterMs: 5_000 });
    expect(decideWebhook(answer, 8)).toMatchObject({ kind: 'failed', reason });
  });

  it.each<[string, WebhookAnswer, string]>([
    ['another 4xx', answered(404), 'answered_4xx'],
    ['a redirect', answered(301), 'answered_3xx'],
    ['a forbidden address', failed('forbidden_address'), 'forbidden_address'],
    ['an endless answer', failed('answer_too_large'), 'answer_too_large'],
  ])('gives up at once after %s, with the reason', (_case, answer, reason) => {
    expect(decideWebhook(answer, 1)).toMatchObject({ kind: 'failed', reason });
  });

  it.each([
    [1, 5_000],
    [2, 15_000],
    [4, 135_000],
    [7, 3_600_000],
  ])('waits longer with every try: after %i, %i ms', (attempts, afterMs) => {
    expect(decideWebhook(answered(503), attempts)).toMatchObject({ afterMs });
  });

  it.each([
    ['120', 120_000],
    ['999999', 3_600_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 5_000],
  ])('takes Retry-After: %s into account', (header, afterMs) => {
    expect(decideWebhook(answered(429, { 'retry-after': header }), 1)).toMatchObject({ afterMs });
  });
});
