import { createHmac } from 'node:crypto';

/**
 * The `X-Rekindle-Signature` of a webhook call: `t=<unix seconds>,v1=<hex>`, where `v1` is the HMAC-SHA256 of
 * `<t>.<body>` under the project's signing key. The receiver refuses an old `t`, so a recorded call is worth nothing.
 */
export function signWebhook(key: string, unixSeconds: number, body: string): string {
  const mac = createHmac('sha256', key).update(`${unixSeconds}.${body}`).digest('hex');
  return `t=${unixSeconds},v1=${mac}`;
}
