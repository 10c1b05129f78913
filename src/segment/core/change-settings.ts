import { z } from 'zod';

/**
 * What becomes of a change of membership.
 * - `record`: `$SegmentEntered` or `$SegmentExited` on the user's timeline, which triggers can listen to.
 * - `webhookUrl`: signed POSTs, each with many changes.
 */
export const CHANGE_SETTINGS = z.strictObject({
  record: z
    .boolean()
    .default(false)
    .describe('Put $SegmentEntered and $SegmentExited on the timelines of users'),
  webhookUrl: z
    .string()
    .max(2048)
    .refine(isWebAddress, 'must be an http:// or https:// address without user and password')
    .nullable()
    .default(null)
    .describe('Where to POST the changes, signed, up to 500 in one call'),
});
export type ChangeSettings = z.infer<typeof CHANGE_SETTINGS>;

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}
