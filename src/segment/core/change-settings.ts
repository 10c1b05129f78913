import { z } from 'zod';

/**
 * What becomes of a change of membership.
 * - `record`: `$SegmentEntered` or `$SegmentExited` on the user's timeline, which triggers can listen to.
 * - `webhookUrl`: signed POSTs, each with many changes.
 * - `kafkaTopic`: a record of each change in Kafka, those of the segment in order.
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
  kafkaTopic: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'must be a name of a topic: up to 249 of a-z, A-Z, 0-9, . _ and -')
    .nullable()
    .default(null)
    .describe('Topic of Kafka that gets a record of each change'),
});
export type ChangeSettings = z.infer<typeof CHANGE_SETTINGS>;

/** Of a batch of changes: who is to be told of them. */
export interface ChangeTargets {
  doesRecord: boolean;
  webhookUrl: string | null;
  /** The topic is that of the moment of writing. */
  doesStream: boolean;
}

export function toChangeTargets(settings: ChangeSettings | null): ChangeTargets {
  return {
    doesRecord: settings?.record ?? false,
    webhookUrl: settings?.webhookUrl ?? null,
    doesStream: (settings?.kafkaTopic ?? null) !== null,
  };
}

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}
