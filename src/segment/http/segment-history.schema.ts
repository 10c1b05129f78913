import { z } from 'zod';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';

const MOMENT = z.iso.datetime({ offset: true });
const COUNT = z.number().int();

export const SIZES_QUERY = PAGE_QUERY.extend({
  limit: z.coerce.number().int().min(1).max(1_000).default(500).describe('How many points at the most'),
  from: MOMENT.optional().describe('Default: the first run'),
  to: MOMENT.optional().describe('Default: now'),
});
export type SizesQuery = z.infer<typeof SIZES_QUERY>;
export const SIZE_PAGE = pageOf(
  z.object({
    runId: z.string(),
    asOf: z.iso.datetime(),
    version: COUNT.describe('Of the definition'),
    members: COUNT,
    entered: COUNT,
    exited: COUNT,
  }),
);

export const MEMBERS_QUERY = PAGE_QUERY.extend({
  asOf: MOMENT.optional().describe('The finished run with the latest moment until then; default: now'),
});
export type MembersQuery = z.infer<typeof MEMBERS_QUERY>;
export const MEMBERS_AS_OF = pageOf(z.object({ userId: z.string().describe('usr_<number>') })).extend({
  runId: z
    .string()
    .nullable()
    .describe('The run whose members these are, on every page; null: the live ones'),
  asOf: z.iso.datetime().describe('The moment of the run, or of the last live update'),
  version: COUNT,
});
