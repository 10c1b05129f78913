import { AsyncLocalStorage } from 'node:async_hooks';
import { type Logger, pino } from 'pino';

/** Ids that every log line within one request, batch or job carries. */
export interface LogContext {
  requestId?: string;
  jobId?: string;
  batchId?: number;
}

const context = new AsyncLocalStorage<LogContext>();

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

export const log: Logger = pino({
  level: 'info',
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  mixin: () => context.getStore() ?? {},
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

export function withLogContext<T>(values: LogContext, run: () => T): T {
  return context.run({ ...context.getStore(), ...values }, run);
}

/** Sets the context for the rest of the present asynchronous flow, such as one request. */
export function enterLogContext(values: LogContext): void {
  context.enterWith(values);
}

export function currentRequestId(): string | undefined {
  return context.getStore()?.requestId;
}
