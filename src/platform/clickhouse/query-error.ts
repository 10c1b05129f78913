/** ClickHouse's names of the errors that say a query asked for too much. Source: ClickHouse, src/Common/ErrorCodes.cpp. */
const TOO_MUCH: Record<string, string> = {
  TIMEOUT_EXCEEDED: 'The query took longer than it may: shorten its windows or name fewer events.',
  MEMORY_LIMIT_EXCEEDED:
    'The query needed more memory than it may: shorten its windows or name fewer events.',
  TOO_MANY_ROWS: 'The query would read more rows than it may: shorten its windows or name fewer events.',
};

/** What to tell people about a query that ClickHouse stopped because it asked for too much; null for other errors. */
export function explainTooMuch(error: unknown): string | null {
  const type = (error as { type?: unknown } | null)?.type;
  return typeof type === 'string' ? (TOO_MUCH[type] ?? null) : null;
}

/** The text that a failed run shows; what is not meant for people stays in the log. */
export function toRunError(error: unknown): string {
  return explainTooMuch(error) ?? 'The run failed; the cause is in the log under the id of the run.';
}
