/**
 * Rows as one JSON parameter for `jsonb_to_recordset`.
 * PostgreSQL keeps no NUL characters, so they are left out: one in a variable must not stop a whole batch.
 */
export function toRecords(rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\u0000', '') : value,
  );
}

/** A moment as a parameter of type timestamptz. */
export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}

export function toMs(at: Date): number;
export function toMs(at: Date | null): number | null;
export function toMs(at: Date | null): number | null {
  return at === null ? null : at.getTime();
}

export function toIso(at: Date): string;
export function toIso(at: Date | null): string | null;
export function toIso(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
