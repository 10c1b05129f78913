import { z } from 'zod';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';

export const SINK_QUERY = PAGE_QUERY.extend({
  to: z.string().max(320).optional().describe('Whole address of a recipient'),
});
export type SinkQuery = z.infer<typeof SINK_QUERY>;

export const SINK_MAIL = z.object({
  id: z.string().meta({ example: 'snk_01h455vb4pex5vsknk084sn02q' }),
  messageId: z.string().nullable().describe('Id of the message in the send ledger'),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  receivedAt: z.string(),
});
export const SINK_PAGE = pageOf(SINK_MAIL);

export const FULL_SINK_MAIL = SINK_MAIL.extend({
  html: z.string(),
  text: z.string(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  raw: z.string().describe('The mail as it came, at most 1 MiB of it'),
});
export const SINK_DELETED = z.object({ deleted: z.number().int() });
