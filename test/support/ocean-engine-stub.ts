import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One callback as the network saw it. */
export interface SeenCallback {
  event_type: string;
  context: { ad: { callback: string; match_type: number }; device: Record<string, string> };
  timestamp: number;
  outer_event_id: string;
  properties?: Record<string, unknown>;
}

type Misbehaviour = 'refuse' | 'break' | 'hang';

/**
 * A stand-in for Ocean Engine's conversion API as its documents describe it: JSON in, `{"code":0}` out, the same
 * `outer_event_id` counted once. It can be told to fail on the first callback with a certain callback parameter.
 */
export class OceanEngineStub {
  /** Every request, repeated ones too. */
  readonly requests: SeenCallback[] = [];
  private readonly faults = new Map<string, Misbehaviour>();
  private readonly counted = new Map<string, SeenCallback>();
  private server: Server | null = null;
  port = 0;

  async start(): Promise<void> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((done) => this.server?.listen(0, '127.0.0.1', done));
    this.port = (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the next callback with this parameter meets; those after it are served. */
  failOnce(callbackParam: string, misbehaviour: Misbehaviour): void {
    this.faults.set(callbackParam, misbehaviour);
  }

  /** Conversions that the network counts for a callback parameter. */
  countedFor(callbackParam: string): SeenCallback[] {
    return [...this.counted.values()].filter(({ context }) => context.ad.callback === callbackParam);
  }

  requestsFor(callbackParam: string): SeenCallback[] {
    return this.requests.filter(({ context }) => context.ad.callback === callbackParam);
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((done) => this.server?.close(done));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.setHeader('content-type', 'application/json');
    if (request.method !== 'POST' || request.url !== '/api/v2/conversion') {
      response.writeHead(404).end('{"code":404}');
      return;
    }
    const callback = JSON.parse(Buffer.concat(chunks).toString()) as SeenCallback;
    this.requests.push(callback);
    const fault = this.faults.get(callback.context.ad.callback);
    this.faults.delete(callback.context.ad.callback);
    if (fault === 'hang') return;
    if (fault === 'break') response.writeHead(500).end('');
    else if (fault === 'refuse') response.writeHead(200).end('{"code":-1,"message":"callback not found"}');
    else {
      this.counted.set(callback.outer_event_id, callback);
      response.writeHead(200).end('{"code":0,"message":"success"}');
    }
  }
}
