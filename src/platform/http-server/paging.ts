import { z } from 'zod';
import { PROBLEMS, Problem } from './problem.js';

/** Query parameters of every list. */
export const PAGE_QUERY = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('How many items at the most'),
  cursor: z.string().max(500).optional().describe('`nextCursor` of the page before'),
});
export type PageQuery = z.infer<typeof PAGE_QUERY>;

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** The answer schema of a list of `item`. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * Cuts a page out of rows that were read with `limit + 1`.
 * @param toKey the sort key of a row; the next page starts behind it
 */
export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  map: { toKey: (row: Row) => string; toItem: (row: Row) => T },
): Page<T> {
  const kept = rows.slice(0, limit);
  const last = rows.length > limit ? kept.at(-1) : undefined;
  return {
    items: kept.map(map.toItem),
    nextCursor: last === undefined ? null : Buffer.from(map.toKey(last)).toString('base64url'),
  };
}

/** Reads a cursor back into its sort key; null where none was sent. */
export function fromCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const key = Buffer.from(cursor, 'base64url').toString();
  if (key === '' || key.includes('\u0000') || Buffer.from(key).toString('base64url') !== cursor) {
    throw new Problem(PROBLEMS.invalidRequest, 'The cursor is not one of ours: start again without it.', [
      {
        pointer: '?cursor',
        code: 'invalid_cursor',
        detail: 'Use the nextCursor of a page as it came.',
      },
    ]);
  }
  return key;
}
