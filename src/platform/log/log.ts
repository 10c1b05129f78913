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
  redact: {
    paths: REDACTED.flatMap((key) => [key, `*.${key}`]),
    censor: '[redacted]',
  },
});

export function withLogContext<T>(values: LogContext, run: () => T): T {
  return context.run({ ...context.getStore(), ...values }, run);
}

export function currentRequestId(): string | undefined {
  return context.getStore()?.requestId;
}
