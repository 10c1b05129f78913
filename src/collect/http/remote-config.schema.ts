import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';

const CONFIGS = z.strictObject({
  disableSDK: z.boolean().default(false).describe('The SDK records nothing any more'),
  disableDebugMode: z.boolean().default(false),
  autoTrackMode: z
    .int()
    .min(-1)
    .max(15)
    .default(-1)
    .describe('-1: as the app says; 0: nothing; else the sum of 1 start, 2 end, 4 click, 8 screen'),
  event_blacklist: z
    .array(STORABLE_TEXT.min(1).max(100))
    .max(1_000)
    .default([])
    .describe('Names of events that the SDK does not record'),
  effect_mode: z
    .union([z.literal(0), z.literal(1)])
    .default(0)
    .describe('0: from the next start of the app; 1: at once'),
  nv: STORABLE_TEXT.min(1)
    .max(100)
    .optional()
    .describe('A name of your own for this state; SDKs send it back'),
  supportTransportEncrypt: z
    .boolean()
    .default(false)
    .describe('SDKs with transport encryption may use it; it needs `encryption`'),
});

export const REMOTE_CONFIG = z.strictObject({
  configs: CONFIGS,
  encryption: z
    .boolean()
    .default(false)
    .describe('Publish the active public keys of the project to the SDKs'),
});
export type RemoteConfigBody = z.infer<typeof REMOTE_CONFIG>;

export const SHOWN_REMOTE_CONFIG = REMOTE_CONFIG.extend({
  v: z.string().describe('The version that SDKs have; it changes with every change, of a key too'),
  updatedAt: z.iso.datetime(),
});
