import { z } from 'zod';
import { reportIssues } from '../../kernel/choose-by-key.js';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { SEGMENT_DEFINITION, type SegmentDefinition } from './condition.js';

const MAX_SQL_LENGTH = 16_384;

/** A segment that an analyst writes as a SELECT with one column `user_id`; see docs/segments.md. */
export const SQL_DEFINITION = z.strictObject({
  version: z.literal(1),
  sql: STORABLE_TEXT.trim().min(1).max(MAX_SQL_LENGTH),
});
export interface SqlDefinition {
  version: 1;
  sql: string;
}

/** What a segment may be: a tree of conditions, or SQL. */
export type AnyDefinition = SegmentDefinition | SqlDefinition;

const EXAMPLE = { version: 1, sql: "SELECT user_id FROM events WHERE event = 'pay' GROUP BY user_id" };
export const ANY_DEFINITION = z
  .record(z.string(), z.unknown())
  .superRefine((value, ctx) => {
    reportIssues(ctx, ('sql' in value ? SQL_DEFINITION : SEGMENT_DEFINITION).safeParse(value));
  })
  .describe('A version and either `where`, a condition tree, or `sql`; see docs/segments.md')
  .meta({ examples: [EXAMPLE] }) as unknown as z.ZodType<AnyDefinition>;

export function isSql(definition: AnyDefinition): definition is SqlDefinition {
  return 'sql' in definition;
}
