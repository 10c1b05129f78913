import type { WebhookFailure } from '../../kernel/reasons.js';

/** How often a webhook call is made before it is given up. */
export const MAX_WEBHOOK_ATTEMPTS = 8;

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;

/** What came of one request, as the guarded HTTP client tells it. */
export type WebhookAnswer =
  | { kind: 'answered'; status: number; headers: Record<string, string> }
  | {
      kind: 'failed';
      reason: 'forbidden_address' | 'timeout' | 'unreachable' | 'answer_too_large';
      detail: string;
    };

export type WebhookDecision =
  | { kind: 'done'; status: number }
  | { kind: 'retry'; status: number | null; reason: WebhookFailure; detail: string; afterMs: number }
  | { kind: 'failed'; status: number | null; reason: WebhookFailure; detail: string };

/**
 * Decides whether a webhook call succeeded, is made again or is given up.
 *
 * 2xx is success. 5xx, 429, timeouts and unreachable servers are tried again with a growing wait, or after the
 * `Retry-After` seconds that the server asks for; everything else would only be refused again.
 *
 * @param attempts requests made so far, this one included
 */
export function decideWebhook(answer: WebhookAnswer, attempts: number): WebhookDecision {
  if (answer.kind === 'failed') {
    const { reason, detail } = answer;
    if (reason === 'forbidden_address' || reason === 'answer_too_large') {
      return { kind: 'failed', status: null, reason, detail };
    }
    return retryOrGiveUp({ status: null, reason, detail }, attempts, 0);
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'done', status };
  const reason = status >= 500 ? 'answered_5xx' : status >= 400 ? 'answered_4xx' : 'answered_3xx';
  const failure = { status, reason, detail: `The server answered ${status}.` } as const;
  if (status >= 500 || status === 429) {
    return retryOrGiveUp(failure, attempts, retryAfterMs(answer.headers['retry-after']));
  }
  return { kind: 'failed', ...failure };
}

function retryOrGiveUp(
  failure: { status: number | null; reason: WebhookFailure; detail: string },
  attempts: number,
  askedMs: number,
): WebhookDecision {
  if (attempts >= MAX_WEBHOOK_ATTEMPTS) return { kind: 'failed', ...failure };
  const waitMs = Math.min(FIRST_WAIT_MS * 3 ** (attempts - 1), LONGEST_WAIT_MS);
  return { kind: 'retry', ...failure, afterMs: Math.max(waitMs, askedMs) };
}

function retryAfterMs(header: string | undefined): number {
  return /^\d{1,6}$/.test(header ?? '') ? Math.min(Number(header) * 1000, LONGEST_WAIT_MS) : 0;
}
