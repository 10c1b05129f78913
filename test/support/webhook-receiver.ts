import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that takes webhook calls and keeps their bodies. */
export interface WebhookReceiver<Call> {
  calls: Call[];
  /** Host and port, as settings name it. */
  host: string;
  stop: () => Promise<void>;
}

export async function startWebhookReceiver<Call>(): Promise<WebhookReceiver<Call>> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push(JSON.parse(Buffer.concat(chunks).toString()) as Call);
      response.end('ok');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    calls,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}
