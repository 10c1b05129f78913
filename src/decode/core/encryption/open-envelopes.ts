import { isUtf8 } from 'node:buffer';
import { createDecipheriv } from 'node:crypto';
import { inflate } from '../../../kernel/inflate.js';
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';
import { parseJson } from '../../../kernel/parse-json.js';
import type { DeadReason } from '../../../kernel/reasons.js';
import { KEPT_PAYLOAD_BYTES } from '../../../kernel/refusal.js';
import { decodeBase64, repairBase64 } from '../decode-payload.js';
import type { DecodeLimits } from '../format.js';
import type { ContentKey, KeyRing } from './key-ring.js';

/** What a list of envelopes and plain records holds. */
export interface OpenedPayload {
  /** In the order received. */
  records: Json[];
  failures: EnvelopeFailure[];
}

export interface EnvelopeFailure {
  reason: Extract<DeadReason, 'encrypted_without_key' | 'decryption_failed' | 'too_many_records'>;
  detail: string;
  /** What to keep of it, fit to be replayed; null: the request as it came. */
  payload: Buffer | null;
}

/** Phones send at most 50 records in a request, each perhaps with a key of its own; each key costs 0.5 ms. */
const MAX_ENVELOPES = 100;
const BLOCK_BYTES = 16;
/** Room for what stands around the payloads of an envelope in a dead letter. */
const LETTER_BYTES = KEPT_PAYLOAD_BYTES - 4_096;
const FAILED = 'The payload cannot be decrypted.';
const TOO_MANY = 'These payloads are beyond the records of one request.';

/** Whether something in a payload is an encrypted envelope, by its shape: `gzip=` does not tell reliably. */
export function isEnvelope(item: Json | undefined): item is JsonObject {
  return isJsonObject(item) && (item['ekey'] !== undefined || item['key_id'] !== undefined);
}

/**
 * Decrypts the envelopes in a payload and takes plain records beside them as they are.
 *
 * Whatever is wrong with an envelope gives the same reason and detail, and as far as possible takes the same time:
 * who can tell a wrong padding from a wrong text could decrypt what others sent.
 * Source: wire formats of sa-sdk-android (2025-07), sa-sdk-ios 4.9.1, and the encryption plug-ins of
 *   sa-sdk-javascript 1.27.11 and sa-sdk-miniprogram 1.22.7.
 *
 * @param limits of all payloads together: bytes after decompression, and how many are decrypted at all
 */
export function openEnvelopes(items: readonly Json[], keys: KeyRing, limits: DecodeLimits): OpenedPayload {
  const opened: OpenedPayload = { records: [], failures: [] };
  const budget = { bytes: limits.inflatedBytes, payloads: limits.recordsPerRequest };
  let envelopes = 0;
  for (const item of items) {
    if (!isEnvelope(item)) opened.records.push(item);
    else if (envelopes++ < MAX_ENVELOPES) openEnvelope(item, { keys, budget, opened });
  }
  if (envelopes > MAX_ENVELOPES) {
    const detail = `${envelopes - MAX_ENVELOPES} envelopes are beyond the ${MAX_ENVELOPES} of one request.`;
    opened.failures.push({ reason: 'too_many_records', detail, payload: null });
  }
  return opened;
}

/** What is left to be spent on one request. */
interface Budget {
  bytes: number;
  payloads: number;
}

interface Opening {
  keys: KeyRing;
  budget: Budget;
  opened: OpenedPayload;
}

/** An envelope whose shape is right. */
interface SealedEnvelope {
  /** The fields around the payloads, as they came. */
  head: JsonObject;
  version: number;
  /** Null where the key is one that both sides have. */
  ekey: Buffer | null;
  payloads: string[];
}

function openEnvelope(item: JsonObject, { keys, budget, opened }: Opening): void {
  const sealed = readEnvelope(item);
  if (!sealed) {
    opened.failures.push({ reason: 'decryption_failed', detail: FAILED, payload: null });
    return;
  }
  const { ekey, version } = sealed;
  const key = ekey ? keys.unwrap(version, ekey) : keys.findShared(version);
  if (!key) {
    const detail = `There is no key with the ${ekey ? 'pkv' : 'key_id'} ${version}.`;
    opened.failures.push(...toFailures('encrypted_without_key', detail, sealed, sealed.payloads));
    return;
  }
  const failed: string[] = [];
  const room = Math.max(0, budget.payloads);
  budget.payloads -= sealed.payloads.length;
  for (const payload of sealed.payloads.slice(0, room)) {
    const value = decryptPayload(payload, key, budget);
    if (value === undefined) failed.push(payload);
    else addRecords(value, item['flush_time'], opened.records);
  }
  opened.failures.push(...toFailures('decryption_failed', FAILED, sealed, failed));
  const rest = sealed.payloads.slice(room);
  opened.failures.push(...toFailures('too_many_records', TOO_MANY, sealed, rest));
}

function readEnvelope(item: JsonObject): SealedEnvelope | null {
  const { ekey, pkv, key_id, key_hash, flush_time, payload, payloads } = item;
  const isWrapped = ekey !== undefined;
  const version = toVersion(isWrapped ? pkv : key_id);
  const texts = toTexts(payloads ?? payload);
  const wrapped = typeof ekey === 'string' ? decodeBase64(repairBase64(ekey)) : null;
  if (version === null || !texts || (isWrapped && !wrapped)) return null;
  const head: JsonObject = {};
  const fields = isWrapped ? { ekey, pkv, flush_time } : { key_id, key_hash, flush_time };
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string' || typeof value === 'number') head[name] = value;
  }
  return { head, version, ekey: isWrapped ? wrapped : null, payloads: texts };
}

function toVersion(value: Json | undefined): number | null {
  const version = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof version === 'number' && Number.isSafeInteger(version) ? version : null;
}

function toTexts(value: Json | undefined): string[] | null {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return null;
  const texts = value.filter((item) => typeof item === 'string');
  return texts.length === value.length ? texts : null;
}

/** @returns undefined for whatever cannot be decrypted, unpacked or read as JSON */
function decryptPayload(text: string, key: ContentKey, budget: Budget): Json | undefined {
  const bytes = decodeSealed(text);
  if (!bytes || bytes.length < 2 * BLOCK_BYTES || bytes.length % BLOCK_BYTES !== 0) return undefined;
  const decipher = createDecipheriv(key.algorithm, key.key, bytes.subarray(0, BLOCK_BYTES));
  decipher.setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes.subarray(BLOCK_BYTES)), decipher.final()]);
  const paddingBytes = countPadding(padded);
  // Read even where the padding is wrong, for the time that it takes.
  const value = toJson(padded.subarray(0, padded.length - paddingBytes), budget);
  return paddingBytes > 0 ? value : undefined;
}

/** The general plug-ins encode what the site's own cipher gives once more, and that is base64 already. */
function decodeSealed(text: string): Buffer | null {
  const bytes = decodeBase64(repairBase64(text));
  const isBase64Again = bytes?.every(isBase64Digit);
  return bytes && isBase64Again ? decodeBase64(bytes.toString('latin1')) : bytes;
}

function isBase64Digit(byte: number): boolean {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isLetter || (byte >= 0x2f && byte <= 0x39) || byte === 0x2b || byte === 0x3d;
}

/** Bytes of PKCS #7 padding; 0 where there is none that is right. */
function countPadding(padded: Buffer): number {
  const count = padded.at(-1) ?? 0;
  if (count < 1 || count > BLOCK_BYTES) return 0;
  return padded.subarray(-count).every((byte) => byte === count) ? count : 0;
}

function toJson(bytes: Buffer, budget: Budget): Json | undefined {
  const inflated = inflate(bytes, budget.bytes);
  if (!Buffer.isBuffer(inflated) || !isUtf8(inflated)) return undefined;
  budget.bytes -= inflated.length;
  const parsed = parseJson(inflated.toString('utf8'));
  return parsed.kind === 'ok' ? parsed.value : undefined;
}

/** Records inside an envelope know no moment of sending; that of the envelope is theirs. */
function addRecords(value: Json, flushTime: Json | undefined, records: Json[]): void {
  for (const record of Array.isArray(value) ? value : [value]) {
    if (flushTime !== undefined && isJsonObject(record)) record['_flush_time'] ??= flushTime;
    records.push(record);
  }
}

/** One failure for as many payloads as a dead letter keeps whole, so that each can be replayed. */
function toFailures(
  reason: EnvelopeFailure['reason'],
  detail: string,
  { head }: SealedEnvelope,
  payloads: readonly string[],
): EnvelopeFailure[] {
  const groups: string[][] = [];
  let roomBytes = 0;
  for (const payload of payloads) {
    if (payload.length > roomBytes || groups.length === 0) {
      groups.push([]);
      roomBytes = LETTER_BYTES;
    }
    groups.at(-1)?.push(payload);
    roomBytes -= payload.length + 3;
  }
  return groups.map((group) => ({
    reason,
    detail,
    payload: Buffer.from(JSON.stringify({ ...head, payloads: group })),
  }));
}
