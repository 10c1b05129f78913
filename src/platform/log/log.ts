import { type Logger, pino } from 'pino';

/** Never in a log, wherever they stand: secrets, and what identifies a person. */
const REDACTED = [
  'authorization',
  'password',
  'secret',
  'token',
  'apiKey',
  'privateKey',
  'address',
  'email',
  'phone',
  'body',
];

/** A line names the request, batch, job or run it is about: there is no ambient context (docs/adr/0018). */
export const log: Logger = pino({
  level: 'info',
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  serializers: { err: describeError },
  redact: {
    paths: REDACTED.flatMap((key) => [key, `*.${key}`]),
    censor: '[redacted]',
  },
});

/** An error without whatever else hangs on it, such as a connection with its password. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
