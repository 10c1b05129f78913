import { z } from 'zod';
import { isCron, isTimeZone } from './next-run.js';

/** When something is done again and again, as the API takes it; null: only when asked to. */
export const CRON_SCHEDULE = z
  .strictObject({
    cron: z
      .string()
      .max(200)
      .refine(isCron, 'must be a cron expression of five fields that comes round, such as 0 9 * * 1-5')
      .describe('Minute, hour, day of month, month, day of week'),
    timeZone: z
      .string()
      .max(100)
      .refine(isTimeZone, 'must be an IANA time zone, such as Asia/Shanghai')
      .optional()
      .describe('Default: the time zone of the project'),
  })
  .nullable()
  .describe('null: it runs only when asked to');
