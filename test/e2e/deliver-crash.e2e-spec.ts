import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import pg from 'pg';
import { SMTPServer } from 'smtp-server';
import { Rekindle, waitFor } from '../support/rekindle.js';
import { databaseUrlOf } from '../support/stores.js';

/** Takes every message completely and never says so: the moment at which a crash is worst. */
class SilentServer {
  texts = 0;
  private constructor(
    private readonly server: SMTPServer,
    readonly url: string,
    private readonly sockets: Set<Socket>,
  ) {}

  static async start(): Promise<SilentServer> {
    const sockets = new Set<Socket>();
    const server: SMTPServer = new SMTPServer({
      logger: false,
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      onData: (stream) => {
        stream.resume();
        stream.on('end', () => silent.texts++);
      },
    });
    server.on('error', () => undefined);
    const listener = server.listen(0, '127.0.0.1');
    listener.on('connection', (socket) => sockets.add(socket));
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const silent = new SilentServer(server, `smtp://127.0.0.1:${port}`, sockets);
    return silent;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(resolve));
  }
}

describe('at most one message', () => {
  let smtp: SilentServer;
  let rekindle: Rekindle;

  beforeAll(async () => {
    smtp = await SilentServer.start();
    rekindle = await Rekindle.start({ SMTP_URL: smtp.url, DELIVER_TIMEOUT_MS: '60000' });
  });
  afterAll(async () => {
    await rekindle.stop();
    await smtp.stop();
  });

  it('leaves a message unknown, and never sends it again, after kill -9 between the call and its answer', async () => {
    const { api } = await rekindle.newProject();
    const template = { slug: 'hello', subject: 'Hello', html: '<p>Hello</p>', text: 'Hello' };
    expect((await api('POST', 'templates', template)).status).toBe(201);
    const send = () =>
      api('POST', 'messages', {
        template: 'hello',
        dedupeKey: 'once',
        recipients: [{ address: 'ann@example.com' }],
      });
    expect((await send()).json).toMatchObject({ planned: 1 });
    await waitFor(async () => smtp.texts === 1);
    await rekindle.kill();
    await rekindle.launch();
    expect((await send()).json).toMatchObject({ planned: 0, repeated: 1 });
    await endLease();
    const unknown = await waitFor(async () => {
      const { json } = await api('GET', 'messages?state=unknown');
      return json.items[0];
    });
    expect(unknown.reason).toBe('worker_lost');
    expect(smtp.texts).toBe(1);
    const settled = await api('POST', `messages/${unknown.id}/settle`, { state: 'accepted' });
    expect(settled.json.log.map(({ state }: { state: string }) => state)).toEqual([
      'queued',
      'sending',
      'unknown',
      'accepted',
    ]);
  }, 180_000);

  /** Ten minutes are too long for a test. */
  async function endLease(): Promise<void> {
    const client = new pg.Client(await databaseUrlOf(rekindle));
    await client.connect();
    await client.query(
      `UPDATE message SET lease_until = now() - interval '1 second' WHERE state = 'sending'`,
    );
    await client.end();
  }
});
