import { createDecipheriv, createHash } from 'node:crypto';
import { RE2JS } from 're2js';
import type { DecodedRecord } from '../../../kernel/event.js';
import type { Json } from '../../../kernel/json.js';
import { MAX_STRING_LENGTH } from '../clean-properties.js';
import { toStorable } from '../storable-text.js';
import { findParameter, parameterText, splitUrl } from './url-parts.js';

export const CIPHERS = ['aes-256-gcm', 'aes-256-cbc'] as const;
export const CIPHER_KEY_BYTES = 32;
const GCM_NONCE_BYTES = 12;
const GCM_TAG_BYTES = 16;
const CBC_IV_BYTES = 16;

/** One change of a text on its way from the source to the target property. */
export type DeriveStep =
  | { op: 'lower_case' }
  | { op: 'split'; separator: string; index: number }
  | { op: 'url_parameter'; name: string }
  | { op: 'regex'; pattern: string; group: number }
  | { op: 'sha256' }
  | { op: 'decrypt'; cipher: (typeof CIPHERS)[number]; secretKey: string };

export const DERIVE_SCOPES = ['event', 'profile'] as const;
export type DeriveScope = (typeof DERIVE_SCOPES)[number];

/** A property that a project makes out of another one. Without steps, it is a copy. */
export interface DerivedDefinition {
  /** Of events, or of what sets profiles. */
  scope: DeriveScope;
  source: string;
  target: string;
  steps: readonly DeriveStep[];
}

export interface DerivedProperty {
  scope: DeriveScope;
  source: string;
  target: string;
  steps: readonly { op: DeriveStep['op']; run: TextStep }[];
}

/** Null: there is nothing to derive. Throws where the text cannot be read, such as a wrong cipher text. */
type TextStep = (text: string) => string | null;

/** What deriving one property gave, step by step; the value is null where it gave nothing. */
export interface Derivation {
  value: Json;
  trace: { op: DeriveStep['op']; value: string | null }[];
  error: string | null;
}

/** Longest text that a pattern is matched against: the engine is linear, but a microsecond a character is not nothing. */
const MATCHED_LENGTH = 1_024;
const PROGRAM_LIMIT = 500;

/** @throws where a pattern or key is none; definitions are checked before they are stored */
export function compileDerived({ scope, source, target, steps }: DerivedDefinition): DerivedProperty {
  return { scope, source, target, steps: steps.map((step) => ({ op: step.op, run: compileStep(step) })) };
}

/** What is wrong with a pattern and group; null where nothing is. */
export function checkPattern(pattern: string, group: number): string | null {
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.programSize() > PROGRAM_LIMIT)
      return 'The pattern is too large: use fewer or smaller repetitions.';
    return group <= compiled.groupCount() ? null : `The pattern has ${compiled.groupCount()} groups.`;
  } catch (error) {
    return `The pattern cannot be read: ${(error as Error).message}.`;
  }
}

/** Derives one property; never throws. A text goes through every step; anything else can only be copied. */
export function derive({ steps }: DerivedProperty, source: Json | undefined): Derivation {
  const trace: Derivation['trace'] = [];
  if (source === undefined || source === null) return { value: null, trace, error: null };
  if (steps.length === 0) return { value: source, trace, error: null };
  if (typeof source === 'object') return { value: null, trace, error: 'A list can only be copied.' };
  let text = String(source);
  for (const { op, run } of steps) {
    try {
      const value = run(text);
      trace.push({ op, value });
      if (value === null) return { value: null, trace, error: null };
      text = value;
    } catch (error) {
      trace.push({ op, value: null });
      return { value: null, trace, error: `${op}: ${(error as Error).message}` };
    }
  }
  return { value: toStorable(text, MAX_STRING_LENGTH), trace, error: null };
}

/**
 * Applies the properties of a project, in order, to one record, in place: a later one may use an earlier one. Where
 * nothing comes out, the target stays as it was.
 * @returns how many failed
 */
export function deriveInto(record: DecodedRecord, derived: readonly DerivedProperty[]): number {
  const scope = scopeOf(record);
  let failures = 0;
  for (const property of derived) {
    if (property.scope !== scope) continue;
    const { value, error } = derive(property, record.properties[property.source]);
    if (value !== null) record.properties[property.target] = value;
    if (error !== null) failures++;
  }
  return failures;
}

function scopeOf({ type }: DecodedRecord): DeriveScope | null {
  if (type === 'track' || type === 'identify') return 'event';
  return type === 'profile_set' || type === 'profile_set_once' ? 'profile' : null;
}

function compileStep(step: DeriveStep): TextStep {
  switch (step.op) {
    case 'lower_case':
      return (text) => text.toLowerCase();
    case 'split':
      return (text) => text.split(step.separator).at(step.index) ?? null;
    case 'url_parameter':
      return (text) => findUrlParameter(text, step.name);
    case 'regex':
      return toMatcher(step.pattern, step.group);
    case 'sha256':
      return (text) => createHash('sha256').update(text).digest('hex');
    case 'decrypt':
      return toDecipher(step.cipher, Buffer.from(step.secretKey, 'base64'));
  }
}

/** Of a web address, or of a query alone. */
function findUrlParameter(text: string, name: string): string | null {
  const parts = splitUrl(text);
  return findParameter(parts ? parameterText(parts) : text.slice(text.indexOf('?') + 1), name);
}

/** In linear time whatever the pattern: a marketer's pattern must not stop the flow. */
function toMatcher(pattern: string, group: number): TextStep {
  const compiled = RE2JS.compile(pattern);
  return (text) => {
    const matcher = compiled.matcher(text.slice(0, MATCHED_LENGTH));
    return matcher.find() ? matcher.group(group) : null;
  };
}

/** Cipher texts are base64 of IV and cipher text, with GCM of nonce (12 bytes), cipher text and tag (16 bytes). */
function toDecipher(cipher: (typeof CIPHERS)[number], key: Buffer): TextStep {
  if (key.length !== CIPHER_KEY_BYTES)
    throw new Error(`The key has ${key.length} bytes and not ${CIPHER_KEY_BYTES}.`);
  return (text) => {
    const bytes = Buffer.from(text, 'base64');
    const plain = cipher === 'aes-256-gcm' ? decryptGcm(bytes, key) : decryptCbc(bytes, key);
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  };
}

function decryptGcm(bytes: Buffer, key: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, GCM_NONCE_BYTES), {
    authTagLength: GCM_TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-GCM_TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(GCM_NONCE_BYTES, -GCM_TAG_BYTES)), decipher.final()]);
}

function decryptCbc(bytes: Buffer, key: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, CBC_IV_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(CBC_IV_BYTES)), decipher.final()]);
}
