import { Injectable } from '@nestjs/common';
import { Config } from '../platform/config/config.js';
import { HttpClient } from '../platform/http-client/http-client.js';
import type { AdNetwork, BuiltCallback, CallbackRequest } from './core/ad-network.js';
import { checkCallbackUrl } from './core/check-callback-url.js';
import type { CallbackTry } from './core/settle-callback.js';
import type { KeptResponse } from './data/ad-callback.repository.js';

/** What one try of a callback brought. */
export interface TryResult {
  outcome: CallbackTry;
  response: KeptResponse | null;
}

const TIMEOUT_MS = 10_000;

/** The call to the network itself. */
@Injectable()
export class CallbackDelivery {
  constructor(
    private readonly http: HttpClient,
    private readonly config: Config,
  ) {}

  /** Why a callback is not sent at all; null where it may go. */
  refuse(network: AdNetwork, built: BuiltCallback): string | null {
    if (built.kind === 'impossible') return built.detail;
    return this.refuseUrl(network, built.request.url);
  }

  /** Why a network's callbacks may not go to an address; null where they may. */
  refuseUrl(network: AdNetwork, url: string): string | null {
    return checkCallbackUrl(url, network.callbackHosts, this.config.outboundAllowHosts);
  }

  async deliver(network: AdNetwork, request: CallbackRequest): Promise<TryResult> {
    const answer = await this.http.request({
      purpose: 'ad_callback',
      url: request.url,
      method: request.method,
      headers: request.headers,
      ...(request.body === null ? {} : { body: request.body }),
      timeoutMs: TIMEOUT_MS,
    });
    if (answer.kind === 'failed') {
      const kind = answer.reason === 'forbidden_address' ? 'forbidden' : 'no_answer';
      return { outcome: { kind, detail: `${answer.reason}: ${answer.detail}` }, response: null };
    }
    return {
      outcome: { kind: 'answered', answer: network.readCallbackAnswer(answer.status, answer.body) },
      response: { status: answer.status, body: answer.body },
    };
  }
}
