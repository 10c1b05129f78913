import { classifySmtpError, type SmtpError } from './classify-smtp-error.js';

const anError = (changes: Partial<SmtpError>): SmtpError => ({ message: 'failed', ...changes });
const refused = (command: string, responseCode: number, message: string): SmtpError =>
  anError({ code: 'EENVELOPE', command, responseCode, message });

describe('classifySmtpError', () => {
  it.each<[string, SmtpError, string, string]>([
    ['a connection refused', anError({ code: 'ESOCKET', command: 'CONN' }), 'retry', 'provider_unavailable'],
    ['a name that is not found', anError({ code: 'EDNS', command: 'CONN' }), 'retry', 'provider_unavailable'],
    ['a server that does not greet', anError({ code: 'ETIMEDOUT', command: 'CONN' }), 'retry', 'timeout'],
    ['a time that ended in the queue', anError({ code: 'EABORT' }), 'retry', 'timeout'],
    ['a greeting with 554', anError({ command: 'CONN', responseCode: 554 }), 'retry', 'provider_unavailable'],
    ['a wrong password', anError({ code: 'EAUTH', responseCode: 535 }), 'retry', 'provider_refused_login'],
    ['greylisting', refused('RCPT TO', 450, '450 4.2.0 later'), 'retry', 'provider_unavailable'],
    ['a confused session', refused('MAIL FROM', 503, '503 bad sequence'), 'retry', 'provider_unavailable'],
    ['an unknown mailbox', refused('RCPT TO', 550, '550 5.1.1 no such user'), 'rejected', 'address_refused'],
    ['an unknown mailbox without a status', refused('RCPT TO', 550, '550 no'), 'rejected', 'address_refused'],
    ['a policy', refused('RCPT TO', 550, '550 5.7.1 not wanted'), 'rejected', 'message_refused'],
    ['a full mailbox', refused('RCPT TO', 552, '552 5.2.2 full'), 'rejected', 'mailbox_full'],
    ['a refused sender', refused('MAIL FROM', 550, '550 5.1.8 sender'), 'rejected', 'message_refused'],
    ['a message that is too large', anError({ code: 'EMESSAGE' }), 'rejected', 'message_refused'],
  ])('before the text: %s', (_case, error, kind, reason) => {
    expect(classifySmtpError(error, false)).toMatchObject({ kind, reason });
  });

  it.each<[string, SmtpError, string, string]>([
    ['a lost connection', anError({ code: 'ECONNECTION' }), 'unknown', 'connection_lost'],
    ['a socket error', anError({ code: 'ESOCKET' }), 'unknown', 'connection_lost'],
    ['no answer', anError({ code: 'ETIMEDOUT' }), 'unknown', 'timeout'],
    ['no answer in our time', anError({ code: 'EABORT' }), 'unknown', 'timeout'],
    [
      'an answer that is none',
      anError({ code: 'EMESSAGE', responseCode: 354 }),
      'unknown',
      'connection_lost',
    ],
    ['451', refused('DATA', 451, '451 later'), 'retry', 'provider_unavailable'],
    ['554', refused('DATA', 554, '554 5.7.0 spam'), 'rejected', 'message_refused'],
  ])('after the text: %s', (_case, error, kind, reason) => {
    expect(classifySmtpError(error, true)).toMatchObject({ kind, reason });
  });

  it('calls a full mailbox not permanent', () => {
    expect(classifySmtpError(refused('RCPT TO', 552, '552 5.2.2 full'), false)).toMatchObject({
      permanent: false,
    });
  });
});
