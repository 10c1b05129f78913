import { z } from 'zod';

export const CHANNEL_SETTINGS = z.object({
  name: z.string(),
  title: z.string(),
  addressProperty: z.string().describe('The profile property that holds the address'),
  source: z.enum(['project', 'installation']).describe('Whose settings are used'),
  settings: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('Without secrets, which are never shown; null where there are none'),
  updatedAt: z.string().nullable(),
});
export const CHANNEL_LIST = z.object({ items: z.array(CHANNEL_SETTINGS) });

/** The channel's own schema checks the fields. */
export const SAVE_CHANNEL = z.looseObject({});
export type SaveChannel = z.infer<typeof SAVE_CHANNEL>;
