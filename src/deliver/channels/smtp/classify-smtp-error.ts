import type { DeliveryReason } from '../../../kernel/reasons.js';
import type { SendResult } from '../../core/channel.js';

/** The parts of a nodemailer error that tell what happened (nodemailer 10, `lib/errors`). */
export interface SmtpError {
  message: string;
  code?: string;
  /** The server's reply, where it gave one. */
  responseCode?: number;
  /** The command that the reply answers, such as `RCPT TO`; `CONN` for the connection itself. */
  command?: string;
}

const DETAIL_LENGTH = 500;

/**
 * Decides what a failed SMTP transaction means for the message.
 *
 * A reply is definite (RFC 5321, 4.2.1): after 4yz and 5yz the server has not taken the message. Without a reply
 * it depends on whether the server had begun to get the message text: before, it cannot have taken it; after,
 * nobody knows.
 *
 * @param handedOver whether any of the text was given to the connection
 */
export function classifySmtpError(error: SmtpError, handedOver: boolean): SendResult {
  const detail = error.message.slice(0, DETAIL_LENGTH);
  const reply = error.responseCode ?? 0;
  if (error.code === 'EAUTH' || error.command?.startsWith('AUTH') === true) {
    return retry('provider_refused_login', detail);
  }
  if (reply >= 400 && reply < 500) return retry('provider_unavailable', detail);
  if (reply >= 500 && reply < 600) return classifyRefusal(error, reply, detail);
  if (handedOver) {
    return { kind: 'unknown', reason: isTimeout(error) ? 'timeout' : 'connection_lost', detail };
  }
  // Without a reply and without a connection error, the fault is in the message: it would fail again.
  if (error.code === 'EENVELOPE' || error.code === 'EMESSAGE') {
    return { kind: 'rejected', reason: 'message_refused', permanent: true, detail };
  }
  return retry(isTimeout(error) ? 'timeout' : 'provider_unavailable', detail);
}

/** RFC 3463: 5.1.x is about the address, x.2.2 a full mailbox, everything else about the message or its sender. */
function classifyRefusal(error: SmtpError, reply: number, detail: string): SendResult {
  // 503 is about the session, and a refused greeting or EHLO about the client: neither judges the message.
  const aboutMessage = ['MAIL FROM', 'RCPT TO', 'DATA'].includes(error.command ?? '');
  if (reply === 503 || !aboutMessage) return retry('provider_unavailable', detail);
  const status = /\b5\.\d{1,3}\.\d{1,3}\b/.exec(error.message)?.[0] ?? '';
  if (status === '5.2.2' || reply === 552) {
    return { kind: 'rejected', reason: 'mailbox_full', permanent: false, detail };
  }
  const isAddress = error.command === 'RCPT TO' && (status === '' || /^5\.1\.|^5\.2\.1$/.test(status));
  return {
    kind: 'rejected',
    reason: isAddress ? 'address_refused' : 'message_refused',
    permanent: true,
    detail,
  };
}

function isTimeout(error: SmtpError): boolean {
  return error.code === 'ETIMEDOUT' || error.code === 'EABORT';
}

function retry(reason: DeliveryReason, detail: string): SendResult {
  return { kind: 'retry', reason, afterMs: 0, detail };
}
