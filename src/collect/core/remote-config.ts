import { hash } from 'node:crypto';
import type { Json, JsonObject } from '../../kernel/json.js';
import type { SdkKey } from '../contract.js';

/** What the mobile SDKs let a server decide, under the names that they give it. */
export interface SdkConfigs {
  disableSDK: boolean;
  disableDebugMode: boolean;
  /** −1: as the app says; 0: nothing; else 1 start + 2 end + 4 click + 8 screen. */
  autoTrackMode: number;
  event_blacklist: string[];
  /** 0: from the next start of the app; 1: at once. */
  effect_mode: 0 | 1;
  nv?: string | undefined;
  supportTransportEncrypt: boolean;
}

export interface RemoteConfig {
  configs: SdkConfigs;
  /** Whether the public keys of the project go with it. */
  encryption: boolean;
}

/** The document as SDKs get it. */
export interface SdkDocument {
  /** Differs wherever anything else does, so that a new key reaches SDKs like any other change. */
  v: string;
  configs: JsonObject;
}

/** Names of the plug-ins by the kind of their key: how a key is wrapped, and the cipher that it is for. */
const PLUGIN_TYPES = { rsa: 'RSA+AES', ec: 'EC+AES', sm2: 'SM2+SM4' } as const;

/**
 * Builds what the SDKs get.
 *
 * Older SDKs read `key`: RSA, and EC inside it as text. Newer ones try `key_v2` first, where the app has a plug-in of
 * that very type, and `key` otherwise; so `key_v2` names what needs the rarest plug-in: SM2, else EC, else RSA.
 * Source: sa-sdk-android (2025-07) SecretKeyManager, sa-sdk-ios 4.9.1 SASecretKeyFactory.
 */
export function toSdkDocument({ configs, encryption }: RemoteConfig, keys: readonly SdkKey[]): SdkDocument {
  const whole = { ...(configs as unknown as JsonObject), ...(encryption ? toKeyFields(keys) : {}) };
  return { v: hash('sha256', JSON.stringify(whole), 'hex').slice(0, 16), configs: whole };
}

/** The public keys as a list, for SDKs whose key is part of their own settings. */
export function toKeyList(keys: readonly SdkKey[]): Json[] {
  return keys.map(toPluginKey);
}

export type RemoteConfigAnswer = { status: 200; document: SdkDocument } | { status: 304 | 205 | 404 };

/**
 * What an SDK hears: 200 to apply, 304 where it has that version, 404 where there is nothing to know.
 * @param version `v` of the request; null where it has none, such as after an upgrade of the SDK
 */
export function answerSdk(document: SdkDocument | null, version: string | null): RemoteConfigAnswer {
  if (!document) return { status: 404 };
  return document.v === version ? { status: 304 } : { status: 200, document };
}

function toKeyFields(keys: readonly SdkKey[]): JsonObject {
  const rsa = keys.find(({ kind }) => kind === 'rsa');
  const ec = keys.find(({ kind }) => kind === 'ec');
  const best = keys.find(({ kind }) => kind === 'sm2') ?? ec ?? rsa;
  if (!best) return {};
  const key: JsonObject = rsa ? toPair(rsa) : {};
  if (ec) key['key_ec'] = JSON.stringify({ ...toPair(ec), type: 'EC' });
  return { ...(rsa || ec ? { key } : {}), key_v2: toPluginKey(best) };
}

function toPluginKey(key: SdkKey): JsonObject {
  return { ...toPair(key), type: PLUGIN_TYPES[key.kind] };
}

function toPair({ publicKey, version }: SdkKey): JsonObject {
  return { public_key: publicKey, pkv: version };
}
