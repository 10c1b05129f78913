import { z } from 'zod';
import { defineChannel, type OutgoingMessage } from '../../core/channel.js';
import { classifySmtpError } from './classify-smtp-error.js';
import { MESSAGE_HEADER, openSmtpPool } from './smtp-pool.js';

const CONCURRENCY = 10;

const SETTINGS = z.strictObject({
  smtpUrl: z
    .string()
    .refine((text) => URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol), {
      message: 'must be a URL that starts with smtp:// or smtps://',
    })
    .describe('SMTP server, user and password included'),
  from: z.string().min(3).max(320).describe('Sender of messages whose campaign names none'),
});
type SmtpSettings = z.infer<typeof SETTINGS>;

/** E-mail through an SMTP server, over a pool of connections per server. */
export const emailChannel = defineChannel<SmtpSettings>({
  name: 'email',
  title: 'E-mail (SMTP)',
  settings: SETTINGS,
  secretSettings: ['smtpUrl'],
  defaults: ({ smtpUrl, smtpFrom }) => ({ smtpUrl, from: smtpFrom }),
  address: z.string().trim().max(254).pipe(z.email()),
  addressProperty: 'email',
  concurrency: CONCURRENCY,
  async send(message, settings, deps) {
    const pool = deps.keep(() => {
      const value = openSmtpPool(settings.smtpUrl, {
        connections: deps.concurrency,
        timeoutMs: deps.timeoutMs,
      });
      return { value, close: () => value.close() };
    });
    const outcome = await pool.send(toMail(message, settings));
    return outcome.kind === 'sent'
      ? { kind: 'accepted', providerMessageId: outcome.response.slice(0, 200) }
      : classifySmtpError(outcome.error, outcome.handedOver);
  },
});

function toMail(message: OutgoingMessage, settings: SmtpSettings) {
  const { content } = message;
  const from = content.from ?? settings.from;
  return {
    from,
    to: { name: '', address: message.address },
    subject: content.subject,
    ...(content.html === '' ? {} : { html: content.html }),
    text: content.text,
    // The same at every try, so that a mailbox that gets it twice can tell.
    messageId: `<${message.id}@${domainOf(from)}>`,
    headers: { [MESSAGE_HEADER]: message.id, ...unsubscribeHeaders(content.unsubscribeUrl) },
    signal: message.signal,
  };
}

/** RFC 8058: one-click needs an https address; with http only the plain header of RFC 2369 is given. */
function unsubscribeHeaders(url: string | undefined): Record<string, string> {
  if (url === undefined) return {};
  const header = { 'List-Unsubscribe': `<${url}>` };
  if (!url.startsWith('https://')) return header;
  return { ...header, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'rekindle.invalid';
}
