import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { Clock } from '../../platform/clock/clock.js';
import { Config, ConfigError } from '../../platform/config/config.js';
import { log } from '../../platform/log/log.js';
import { SinkRepository } from '../data/sink.repository.js';

const MESSAGE_HEADER = 'x-rekindle-message';
const LARGEST_MAIL_BYTES = 25 * 1024 * 1024;
const KEPT_RAW_BYTES = 1024 * 1024;
const HOST = '127.0.0.1';

/** Takes mail by SMTP while no server is configured, keeps it for people to look at, and delivers none. */
@Injectable()
export class DevelopmentSink implements OnModuleInit, OnModuleDestroy {
  private server: SMTPServer | null = null;
  private port: number;

  constructor(
    private readonly config: Config,
    private readonly repository: SinkRepository,
    private readonly clock: Clock,
  ) {
    this.port = config.get('SMTP_SINK_PORT');
  }

  /** Where the sink listens; only the process that sends runs it, so the port may be any. */
  get url(): string {
    return `smtp://${HOST}:${this.port}`;
  }

  async onModuleInit(): Promise<void> {
    if (this.config.hasRole('worker') && this.config.get('SMTP_URL') === undefined) await this.start();
  }

  async onModuleDestroy(): Promise<void> {
    const server = this.server;
    if (server) await new Promise<void>((resolve) => server.close(resolve));
  }

  /** @throws ConfigError where the port is taken */
  private async start(): Promise<void> {
    const server = new SMTPServer({
      logger: false,
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      closeTimeout: 1_000,
      size: LARGEST_MAIL_BYTES,
      onData: (stream, session, done) => {
        this.take(stream, session).then(
          () => done(null, 'Kept by the development sink'),
          (error: unknown) => {
            log.error({ err: error }, 'the development sink could not keep a mail');
            done(Object.assign(new Error('The sink failed'), { responseCode: 451 }));
          },
        );
      },
    });
    server.on('error', (error) => log.debug({ err: error }, 'a connection to the development sink failed'));
    const listener = server.listen(this.port, HOST);
    try {
      await once(listener, 'listening');
    } catch (error) {
      throw new ConfigError(
        `Port ${this.port} of the development mail sink cannot be used (${(error as Error).message}): ` +
          'set SMTP_SINK_PORT=0 for a free one, or SMTP_URL for a mail server.',
      );
    }
    this.port = (listener.address() as AddressInfo).port;
    this.server = server;
  }

  private async take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const mail = await PostalMime.parse(raw);
    const headers = mail.headers.map(({ originalKey, value }): [string, string] => [originalKey, value]);
    const { mailFrom, rcptTo } = session.envelope;
    await this.repository.insert(
      {
        messageId: mail.headers.find(({ key }) => key === MESSAGE_HEADER)?.value ?? null,
        sender: mailFrom === false ? '' : mailFrom.address,
        recipients: rcptTo.map(({ address }) => address.toLowerCase()),
        subject: mail.subject ?? '',
        html: mail.html ?? '',
        text: mail.text ?? '',
        headers,
        raw: raw.subarray(0, KEPT_RAW_BYTES),
      },
      this.clock.now(),
    );
  }
}
