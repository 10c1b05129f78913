import type { Readable } from 'node:stream';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { type SmtpError } from './classify-smtp-error.js';

/** Header that carries our id of the message. */
export const MESSAGE_HEADER = 'X-Rekindle-Message';

export type SmtpOutcome =
  | { kind: 'sent'; response: string }
  | { kind: 'failed'; error: SmtpError; handedOver: boolean };

/** Connections to one SMTP server. */
export interface SmtpPool {
  /** Sends one mail, whose header `X-Rekindle-Message` must be set. Never throws. */
  send(mail: SendMailOptions & { headers: Record<string, string> }): Promise<SmtpOutcome>;
  close(): void;
}

/**
 * Opens a pool that never sends a message a second time by itself,
 * and that tells whether the text of a failed message had begun to go out.
 */
export function openSmtpPool(url: string, limits: { connections: number; timeoutMs: number }): SmtpPool {
  const texts = new Map<string, Readable>();
  const transport = createTransport({
    pool: true,
    url,
    maxConnections: limits.connections,
    maxMessages: 1_000,
    maxRequeues: 0,
    idleTimeout: 30_000,
    connectionTimeout: limits.timeoutMs,
    greetingTimeout: limits.timeoutMs,
    socketTimeout: limits.timeoutMs,
    dnsTimeout: limits.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // nodemailer pipes this stream to the socket once the server has answered DATA: whether it was read is the
  // only trace of that moment.
  transport.use('stream', (mail, done) => {
    const message = mail.message;
    if (!message) return done();
    const create = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const text = create(options);
      texts.set(String(message.getHeader(MESSAGE_HEADER)), text);
      return text;
    };
    done();
  });
  return {
    async send(mail) {
      const id = mail.headers[MESSAGE_HEADER] ?? '';
      try {
        const info = await transport.sendMail(mail);
        return { kind: 'sent', response: info.response };
      } catch (error) {
        return {
          kind: 'failed',
          error: error as SmtpError,
          handedOver: texts.get(id)?.readableDidRead ?? false,
        };
      } finally {
        texts.delete(id);
      }
    },
    close: () => transport.close(),
  };
}
