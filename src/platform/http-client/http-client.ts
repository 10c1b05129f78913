import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { Agent, fetch } from 'undici';
import { metrics } from '../metrics/metrics.js';
import { isPublicAddress } from './public-address.js';

/** Why a request was not made or brought no answer. */
export type RequestFailure = 'forbidden_address' | 'timeout' | 'unreachable' | 'answer_too_large';

export interface OutboundRequest {
  /** What for, as a metric label: one of a closed set of words. */
  purpose: 'webhook' | 'ad_callback';
  url: string;
  method: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  timeoutMs: number;
}

export type OutboundAnswer =
  | {
      kind: 'answered';
      status: number;
      headers: Record<string, string>;
      body: string;
    }
  | { kind: 'failed'; reason: RequestFailure; detail: string };

const ANSWER_LIMIT_BYTES = 256 * 1024;

/**
 * The one way by which the service calls other servers at addresses that somebody else chose.
 * Only http and https to public addresses, or to hosts that the configuration allows by name; the
 * check is made on the address that is connected to, so a name that resolves differently a moment
 * later does not pass. Redirects are not followed, answers are cut off at 256 KiB.
 */
export class HttpClient {
  private readonly allowed: ReadonlySet<string>;
  private readonly guarded: Agent;
  private readonly open = new Agent({ connectTimeout: 5_000 });

  constructor(allowHosts: readonly string[]) {
    this.allowed = new Set(allowHosts);
    this.guarded = new Agent({
      connectTimeout: 5_000,
      connect: { lookup: lookupPublic },
    });
  }

  async request(request: OutboundRequest): Promise<OutboundAnswer> {
    const answer = await this.perform(request);
    metrics.outboundRequests.inc({
      purpose: request.purpose,
      result: answer.kind === 'answered' ? `${Math.floor(answer.status / 100)}xx` : answer.reason,
    });
    return answer;
  }

  async close(): Promise<void> {
    await Promise.all([this.guarded.close(), this.open.close()]);
  }

  private async perform(request: OutboundRequest): Promise<OutboundAnswer> {
    const target = this.check(request.url);
    if (target.kind === 'failed') return target;
    try {
      const response = await fetch(target.url, {
        method: request.method,
        headers: { 'user-agent': 'Rekindle/1', ...request.headers },
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: 'manual',
        dispatcher: target.trusted ? this.open : this.guarded,
        signal: AbortSignal.timeout(request.timeoutMs),
      });
      const body = await readLimited(response.body);
      if (body === null) return failed('answer_too_large', 'The answer is larger than 256 KiB.');
      return {
        kind: 'answered',
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body,
      };
    } catch (error) {
      return classify(error);
    }
  }

  private check(
    text: string,
  ): { kind: 'ok'; url: URL; trusted: boolean } | (OutboundAnswer & { kind: 'failed' }) {
    if (!URL.canParse(text)) return failed('forbidden_address', 'The address is not a URL.');
    const url = new URL(text);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      return failed('forbidden_address', 'Only http and https addresses are called.');
    }
    const trusted = this.allowed.has(url.host) || this.allowed.has(url.hostname);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (!trusted && isIP(literal) !== 0 && !isPublicAddress(literal)) {
      return failed(
        'forbidden_address',
        `${url.host} is not a public address: allow it with OUTBOUND_ALLOW_HOSTS.`,
      );
    }
    return { kind: 'ok', url, trusted };
  }
}

class ForbiddenAddressError extends Error {}

const lookupPublic: typeof lookup = ((
  hostname: string,
  options: object,
  done: (error: Error | null, address?: unknown, family?: number) => void,
) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error);
    const open = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = open;
    if (!first) return done(new ForbiddenAddressError(`${hostname} has no public address`));
    return (options as { all?: boolean }).all ? done(null, open) : done(null, first.address, first.family);
  });
}) as typeof lookup;

function classify(error: unknown): OutboundAnswer {
  const cause = (error as { cause?: unknown }).cause ?? error;
  const detail = cause instanceof Error ? cause.message : 'The request failed.';
  if (cause instanceof ForbiddenAddressError) {
    return failed('forbidden_address', `${detail}: allow it with OUTBOUND_ALLOW_HOSTS.`);
  }
  const name = (cause as { name?: string; code?: string }).name ?? '';
  const code = (cause as { code?: string }).code ?? '';
  const isTimeout = name === 'TimeoutError' || code.includes('TIMEOUT') || code === 'ETIMEDOUT';
  return failed(isTimeout ? 'timeout' : 'unreachable', detail);
}

async function readLimited(body: AsyncIterable<Uint8Array> | null): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > ANSWER_LIMIT_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failed(
  reason: RequestFailure,
  detail: string,
): { kind: 'failed'; reason: RequestFailure; detail: string } {
  return { kind: 'failed', reason, detail };
}
