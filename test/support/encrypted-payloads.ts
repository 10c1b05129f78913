import {
  createCipheriv,
  createECDH,
  createHash,
  createHmac,
  createPublicKey,
  publicEncrypt,
  constants as RSA,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { wrapSm2 } from './sm2.js';

/** What a phone knows of a key of its project. */
export interface DeviceKey {
  pkv: number;
  /** As the remote configuration gives it. */
  publicKey: string;
}

/** base64(IV ‖ CBC): how every SDK seals a payload. */
export function seal(key: Buffer, plain: Buffer, cipherName: 'aes' | 'sm4' = 'aes'): string {
  const iv = randomBytes(16);
  const name = cipherName === 'sm4' ? 'sm4-cbc' : `aes-${key.length * 8}-cbc`;
  const cipher = createCipheriv(name, key, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString('base64');
}

export function wrapRsa(publicKey: string, key: Buffer): string {
  return publicEncrypt({ key: toPublicKey(publicKey), padding: RSA.RSA_PKCS1_PADDING }, key).toString(
    'base64',
  );
}

/** ECIES on P-256 as Bouncy Castle does it by default. */
export function wrapEcies(publicKey: string, key: Buffer): string {
  const ephemeral = createECDH('prime256v1');
  const point = ephemeral.generateKeys();
  const spki = toPublicKey(publicKey).export({ format: 'der', type: 'spki' });
  const secret = ephemeral.computeSecret(spki.subarray(-65));
  const block = (n: number) =>
    createHash('sha1')
      .update(point)
      .update(secret)
      .update(Buffer.of(0, 0, 0, n))
      .digest();
  const derived = Buffer.concat([block(1), block(2)]);
  const text = Buffer.from(key.map((byte, i) => byte ^ (derived[16 + i] ?? 0)));
  const tag = createHmac('sha1', derived.subarray(0, 16)).update(text).update(Buffer.alloc(8)).digest();
  return Buffer.concat([point, text, tag]).toString('base64');
}

/** Body of Android and iOS with local encryption: each record is sealed by itself, `gzip=9`. */
export function phoneEnvelope(key: DeviceKey, wrap: typeof wrapRsa, records: readonly object[]) {
  const contentKey = randomBytes(16);
  const cipher = cipherOf(wrap);
  return {
    ekey: wrap(key.publicKey, contentKey),
    pkv: key.pkv,
    payloads: records.map((record) => seal(contentKey, gzipSync(JSON.stringify(record)), cipher)),
    flush_time: Date.now(),
  };
}

/** Body of Android and iOS with transport encryption: the whole list is sealed at once, `gzip=13`. */
export function transportEnvelope(key: DeviceKey, wrap: typeof wrapRsa, records: readonly object[]) {
  const contentKey = randomBytes(16);
  const payloads = seal(contentKey, gzipSync(JSON.stringify(records)), cipherOf(wrap));
  return { ekey: wrap(key.publicKey, contentKey), pkv: key.pkv, payloads, flush_time: Date.now() };
}

/** `SM2+SM4`, `RSA+AES`, `EC+AES`: each way to wrap goes with one cipher. */
function cipherOf(wrap: typeof wrapRsa) {
  return wrap === wrapSm2 ? 'sm4' : 'aes';
}

/** The body that a phone sends, its checksum with it. */
export function phoneBody(envelopes: readonly object[], gzip: 9 | 13 = 9): string {
  const text = JSON.stringify(envelopes);
  return `crc=${hashCode(text)}&gzip=${gzip}&data_list=${encodeURIComponent(text)}`;
}

/**
 * Runs an encryption plug-in out of the package of the Web SDK.
 * @returns how the SDK encodes a record once the plug-in is in use
 */
export function webPlugin(name: string, options: object): (record: object) => string {
  const window: { SensorsDataWebJSSDKPlugin?: Record<string, Plugin> } = {};
  run(`sa-sdk-javascript/dist/web/plugin/${name}/index.js`, { window, navigator: {} });
  const sdk = { kit: { encodeTrackData: refusePlain }, _: TOOLS, readyState: { state: 3 }, log() {} };
  Object.values(window.SensorsDataWebJSSDKPlugin ?? {})[0]?.init(sdk, options);
  return (record) => (sdk.kit.encodeTrackData as (record: object) => string)(record);
}

/** Runs an encryption plug-in out of the package of the mini-program SDK; a batch where `records` are several. */
export function miniProgramPlugin(name: string, options: object, records: readonly object[]): string {
  const module: { exports: Plugin } = { exports: { init: refusePlain } };
  run(`sa-sdk-miniprogram/dist/wechat/plugin/${name}/index.cmd.js`, { module });
  const kit = { processData: refusePlain, onceTrackData: refusePlain, batchTrackData: refusePlain } as Kit;
  const sdk = {
    kit,
    para: { batch_send: records.length > 1 },
    mergeStorageData: {},
    store: { mem: {} },
    _: TOOLS,
  };
  module.exports.init(sdk, options);
  return records.length > 1
    ? kit.batchTrackData(records.map((record) => kit.processData(record)))
    : kit.onceTrackData(records[0] ?? {});
}

interface Plugin {
  init(sdk: object, options: object): void;
}
interface Kit {
  processData(record: object): unknown;
  onceTrackData(record: object): string;
  batchTrackData(records: readonly unknown[]): string;
}

/** What the SDKs lend their plug-ins. */
const TOOLS = {
  hashCode,
  getRandom: Math.random,
  now: Date.now,
  base64Encode: (text: string) => Buffer.from(text).toString('base64'),
  isObject: (value: unknown) => typeof value === 'object',
  isFunction: (value: unknown) => typeof value === 'function',
  isString: (value: unknown) => typeof value === 'string',
  isNumber: (value: unknown) => typeof value === 'number',
  logger: { info() {} },
};

function run(file: string, globals: object): void {
  const source = readFileSync(createRequire(import.meta.url).resolve(file), 'utf8');
  const silent = { log() {}, warn() {}, error() {} };
  runInNewContext(source, { console: silent, crypto: webcrypto, btoa, Uint8Array, Uint32Array, ...globals });
}

function refusePlain(): never {
  throw new Error('The plug-in did not take over.');
}

function toPublicKey(base64: string) {
  return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
}

function hashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
