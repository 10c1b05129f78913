import { createServer, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { ChannelDefinition, OutgoingMessage, SendResult } from '../core/channel.js';
import { KeptThings } from '../core/kept-things.js';
import { CHANNELS } from './index.js';

const TIMEOUT_MS = 400;
const ADDRESS = 'ann@example.com';

type Behaviour = Partial<SMTPServerOptions>;
type OnData = NonNullable<SMTPServerOptions['onData']>;
const refuse = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });

/** Providers by how they behave. */
const BEHAVIOURS: Record<string, (stub: Stub) => Behaviour> = {
  'takes it': () => ({}),
  'answers 450 to the recipient': () => ({ onRcptTo: (_a, _s, done) => done(refuse(450, '4.2.0 later')) }),
  'answers 550 to the recipient': () => ({ onRcptTo: (_a, _s, done) => done(refuse(550, '5.1.1 unknown')) }),
  'answers 451 to the text': () => ({ onData: swallow((done) => done(refuse(451, '4.3.0 later'))) }),
  'answers 554 to the text': () => ({ onData: swallow((done) => done(refuse(554, '5.7.1 spam'))) }),
  'says nothing to the recipient': () => ({ onRcptTo: () => undefined }),
  'drops the connection at the recipient': (stub) => ({ onRcptTo: () => stub.dropAll() }),
  'says nothing after the text': () => ({ onData: swallow(() => undefined) }),
  'drops the connection after the text': (stub) => ({ onData: swallow(() => stub.dropAll()) }),
};

function swallow(end: (done: (error?: Error | null) => void, text: string) => void): OnData {
  return (stream, _session, done) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += String(chunk);
    });
    stream.on('end', () => end(done, text));
  };
}

class Stub {
  /** Of the messages that it took. */
  readonly texts: string[] = [];
  private readonly sockets = new Set<Socket>();
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {
    server.on('connection', (socket) => this.sockets.add(socket));
  }

  static async start(behaviour: string): Promise<Stub> {
    let stub: Stub | undefined;
    const smtp: SMTPServer = new SMTPServer({
      logger: false,
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      onData: swallow((done, text) => {
        stub?.texts.push(text);
        done();
      }),
      ...BEHAVIOURS[behaviour]?.({ dropAll: () => stub?.dropAll() } as Stub),
    });
    smtp.on('error', () => undefined);
    stub = await Stub.listen(smtp.listen(0, '127.0.0.1'));
    return stub;
  }

  /** A server that lets nobody in: it accepts connections and never says a word. */
  static startMute(): Promise<Stub> {
    return Stub.listen(createServer(() => undefined).listen(0, '127.0.0.1'));
  }

  private static async listen(server: Server): Promise<Stub> {
    if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    return new Stub(server, `smtp://127.0.0.1:${port}`);
  }

  dropAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.dropAll();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe.each(CHANNELS.map((channel) => [channel.name, channel] as const))('channel %s', (_name, channel) => {
  const kept = new KeptThings();
  const lines: string[] = [];
  let stub: Stub;

  async function send(changes: Partial<OutgoingMessage['content']> = {}): Promise<SendResult> {
    const settings = channel.settings.parse(
      channel.defaults({ smtpUrl: stub.url, smtpFrom: 'Rekindle <no-reply@example.com>' }),
    );
    return channel.send(aMessage(changes), settings, {
      timeoutMs: TIMEOUT_MS,
      concurrency: 2,
      keep: (make) => kept.keep(stub.url, make),
      log: (fields, text) => lines.push(JSON.stringify({ ...fields, text })),
    });
  }

  afterEach(async () => {
    kept.closeAll();
    await stub.stop();
  });

  it('is accepted by a provider that takes messages', async () => {
    stub = await Stub.start('takes it');
    expect(await send()).toMatchObject({ kind: 'accepted' });
  });

  it('keeps addresses and content out of its log lines', async () => {
    stub = await Stub.start('takes it');
    await send();
    expect(lines.join()).not.toMatch(/ann@|Come back/);
  });

  it.each(Object.keys(BEHAVIOURS))(
    'answers in time, and throws nothing, when the provider %s',
    async (name) => {
      stub = await Stub.start(name);
      const startedAt = performance.now();
      const result = await send();
      expect(['accepted', 'rejected', 'retry', 'unknown']).toContain(result.kind);
      expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS * 3);
    },
  );

  it('accepts an address of its own kind and refuses an empty one', async () => {
    stub = await Stub.start('takes it');
    expect(channel.address.safeParse(` ${ADDRESS} `).data).toBe(ADDRESS);
    expect(channel.address.safeParse('').success).toBe(false);
  });
});

describe('channel email and what its server does', () => {
  const email = CHANNELS.find(({ name }) => name === 'email') as ChannelDefinition;
  const kept = new KeptThings();
  let stub: Stub;

  const send = (url = stub.url, changes: Partial<OutgoingMessage['content']> = {}) =>
    email.send(
      aMessage(changes),
      { smtpUrl: url, from: 'Rekindle <no-reply@example.com>' },
      {
        timeoutMs: TIMEOUT_MS,
        concurrency: 2,
        keep: (make) => kept.keep(url, make),
        log: () => undefined,
      },
    );

  afterEach(async () => {
    kept.closeAll();
    await stub.stop();
  });

  it.each([
    ['answers 450 to the recipient', 'retry', 'provider_unavailable'],
    ['answers 550 to the recipient', 'rejected', 'address_refused'],
    ['answers 451 to the text', 'retry', 'provider_unavailable'],
    ['answers 554 to the text', 'rejected', 'message_refused'],
    ['says nothing to the recipient', 'retry', 'timeout'],
    ['drops the connection at the recipient', 'retry', 'provider_unavailable'],
    ['says nothing after the text', 'unknown', 'timeout'],
    ['drops the connection after the text', 'unknown', 'connection_lost'],
  ])('when it %s, the message is %s (%s)', async (behaviour, kind, reason) => {
    stub = await Stub.start(behaviour);
    expect(await send()).toMatchObject({ kind, reason });
  });

  it('tries later when nobody listens at the port', async () => {
    stub = await Stub.start('takes it');
    await stub.stop();
    expect(await send()).toMatchObject({ kind: 'retry', reason: 'provider_unavailable' });
  });

  it('tries later when the server never greets', async () => {
    stub = await Stub.startMute();
    expect(await send()).toMatchObject({ kind: 'retry', reason: 'timeout' });
  });

  it('hands each message over once, also over a connection that the server closed in between', async () => {
    stub = await Stub.start('takes it');
    expect(await send()).toMatchObject({ kind: 'accepted' });
    stub.dropAll();
    const second = await send();
    expect(['accepted', 'retry']).toContain(second.kind);
    expect(stub.texts).toHaveLength(second.kind === 'accepted' ? 2 : 1);
  });

  it.each([
    ['https://example.com/u', ['list-unsubscribe: <https://example.com/u>', 'list-unsubscribe=one-click']],
    [undefined, []],
  ])('puts the headers of RFC 8058 for the unsubscribe address %s', async (unsubscribeUrl, expected) => {
    stub = await Stub.start('takes it');
    await send(stub.url, unsubscribeUrl === undefined ? {} : { unsubscribeUrl });
    const text = stub.texts.join().toLowerCase();
    for (const line of expected) expect(text).toContain(line);
    expect(text.includes('list-unsubscribe')).toBe(expected.length > 0);
    expect(text).toContain('x-rekindle-message: msg_1');
    expect(text).toContain('message-id: <msg_1@example.com>');
    expect(text).toContain('multipart/alternative');
  });
});

function aMessage(changes: Partial<OutgoingMessage['content']>): OutgoingMessage {
  return {
    id: 'msg_1',
    address: ADDRESS,
    content: { subject: 'Come back', html: '<p>Hello</p>', text: 'Hello', from: null, ...changes },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
}
