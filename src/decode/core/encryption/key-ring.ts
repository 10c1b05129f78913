/**
 * Kinds of encryption keys. The first three are pairs: SDKs have the public half and wrap a key of their own with it.
 * `aes` is one key that the SDK of a page or mini-program has too.
 */
export const KEY_KINDS = ['rsa', 'ec', 'sm2', 'aes'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];
export type PairKind = Exclude<KeyKind, 'aes'>;

/** The symmetric key that the payloads of an envelope are encrypted with. */
export interface ContentKey {
  algorithm: 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc' | 'sm4-cbc';
  key: Buffer;
}

/** The keys of one project that can decrypt, whatever their state. */
export interface KeyRing {
  /**
   * Unwraps the symmetric key of an envelope.
   * @returns null where there is no private key of this version; for an `ekey` that cannot be unwrapped a random key
   */
  unwrap(version: number, ekey: Buffer): ContentKey | null;
  /** The shared key with this number; null where there is none. */
  findShared(version: number): ContentKey | null;
}

/** The ring of a project without keys. */
export const EMPTY_KEY_RING: KeyRing = { unwrap: () => null, findShared: () => null };
