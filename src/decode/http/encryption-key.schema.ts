import { z } from 'zod';
import { KEY_KINDS } from '../core/encryption/key-ring.js';

const VERSION = z.int().min(1).max(2_147_483_647);

export const ENCRYPTION_KEY = z.object({
  id: z.string().meta({ example: 'enk_01kt3v5m7nz8q2w4x6y0abcdef' }),
  kind: z.enum(KEY_KINDS).describe('`rsa`, `ec` and `sm2` are pairs; `aes` is one key that the SDK has too'),
  version: z.int().describe('What SDKs send as `pkv`, or as `key_id` for `aes`'),
  state: z
    .enum(['active', 'retired'])
    .describe('`retired`: no SDK is told to use it any more; it still decrypts'),
  publicKey: z
    .string()
    .nullable()
    .describe('SPKI DER in base64; the uncompressed point in hex for `sm2`; null for `aes`'),
  createdAt: z.iso.datetime(),
  retiredAt: z.iso.datetime().nullable(),
});
export type ShownEncryptionKey = z.infer<typeof ENCRYPTION_KEY>;
export const ENCRYPTION_KEY_LIST = z.object({ items: z.array(ENCRYPTION_KEY) });

export const CREATE_ENCRYPTION_KEY = z.strictObject({
  kind: z.enum(KEY_KINDS),
  import: z
    .strictObject({
      version: VERSION.describe('The `pkv` or `key_id` that SDKs have for it'),
      privateKey: z
        .string()
        .min(1)
        .max(20_000)
        .describe(
          'Private key as PEM or base64 of PKCS #8, for `sm2` also 64 hex digits; for `aes` the key as base64',
        ),
    })
    .optional()
    .describe('A key that SDKs use already; without it a new one is made'),
});
export type CreateEncryptionKey = z.infer<typeof CREATE_ENCRYPTION_KEY>;

export const SHARED_KEY = z.object({
  k: z.string().describe('The key in base64'),
  kid: z.int(),
  khash: z.string(),
});
