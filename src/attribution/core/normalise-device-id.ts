import { createHash } from 'node:crypto';
import { readPresent } from './read-present.js';

export const DEVICE_ID_KINDS = ['oaid', 'idfa', 'gaid', 'imei', 'android_id', 'mac', 'caid'] as const;
export type DeviceIdKind = (typeof DEVICE_ID_KINDS)[number];

/**
 * One device id in every form in which networks and SDKs name it.
 * `raw` is in canonical spelling, null where only a hash is known. `hashes` are md5 in lower-case hex:
 * the form that most networks use first, then those of the other spellings.
 */
export interface DeviceId {
  kind: DeviceIdKind;
  raw: string | null;
  hashes: readonly string[];
}

const MD5_HEX = /^[0-9a-f]{32}$/i;
const ALL_ZERO = /^[0:.-]+$/;

interface Spelling {
  /** Canonical spelling; null where the text cannot be an id of this kind. */
  canonical(text: string): string | null;
  /** Spellings that are hashed somewhere, the usual one first. */
  spellings(canonical: string, given: string): string[];
}

const UUID: Spelling['canonical'] = (text) => {
  const hex = text.replaceAll('-', '').toUpperCase();
  return /^[0-9A-F]{32}$/.test(hex) ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : null;
};
const bothCases = (...texts: string[]) => texts.flatMap((text) => [text.toUpperCase(), text.toLowerCase()]);

const SPELLINGS: Record<DeviceIdKind, Spelling> = {
  // Upper case with dashes is what networks hash; the rest occurs in SDKs.
  idfa: { canonical: UUID, spellings: (id) => bothCases(id, id.replaceAll('-', '')) },
  gaid: {
    canonical: (text) => UUID(text)?.toLowerCase() ?? null,
    spellings: (id) => bothCases(id, id.replaceAll('-', '')).reverse(),
  },
  oaid: {
    canonical: (text) => (/^[\w.:-]{8,128}$/.test(text) ? text.toLowerCase() : null),
    spellings: (id, given) => [given, id, id.toUpperCase()],
  },
  imei: {
    canonical: (text) => matching(/^[0-9a-f]{14,17}$/, text.replace(/[\s-]/g, '').toLowerCase()),
    // A MEID has letters, and some hash it in upper case.
    spellings: (id) => [id, id.toUpperCase()],
  },
  android_id: {
    canonical: (text) => matching(/^[0-9a-f]{8,16}$/, text.toLowerCase()),
    spellings: (id, given) => [given, id, id.toUpperCase()],
  },
  mac: {
    canonical: (text) => {
      const hex = text.replace(/[:.-]/g, '').toUpperCase();
      return /^[0-9A-F]{12}$/.test(hex) ? (hex.match(/../g) ?? []).join(':') : null;
    },
    spellings: (id) => {
      const plain = id.replaceAll(':', '');
      return [plain, id, plain.toLowerCase(), id.toLowerCase()];
    },
  },
  caid: {
    canonical: (text) => matching(/^[0-9a-f]{32}$/, text.toLowerCase()),
    spellings: (id, given) => [given, id, id.toUpperCase()],
  },
};

/** Ids that many devices share: what systems answer instead of an id. */
const SHARED: Partial<Record<DeviceIdKind, readonly string[]>> = {
  mac: ['02:00:00:00:00:00'],
  android_id: ['9774d56d682e549c'],
};
const ZEROS: Record<DeviceIdKind, readonly string[]> = {
  idfa: ['00000000-0000-0000-0000-000000000000'],
  gaid: ['00000000-0000-0000-0000-000000000000'],
  oaid: ['00000000-0000-0000-0000-000000000000', '0'.repeat(32), '0'.repeat(64)],
  imei: ['0'.repeat(14), '0'.repeat(15), '0'.repeat(16)],
  android_id: ['0'.repeat(16)],
  mac: ['00:00:00:00:00:00'],
  caid: ['0'.repeat(32)],
};
const WORTHLESS_HASHES: ReadonlySet<string> = new Set([
  ...['', '0', 'null', 'NULL', 'undefined', 'unknown'].map(md5Hex),
  ...DEVICE_ID_KINDS.flatMap((kind) =>
    [...ZEROS[kind], ...(SHARED[kind] ?? [])].flatMap((id) => SPELLINGS[kind].spellings(id, id).map(md5Hex)),
  ),
]);

/**
 * Reads a device id that is given as it is.
 * Absent words, unreplaced macros, zeros, ids that many devices share and text of another form give null.
 * A text of 32 hex digits is also tried as a hash of itself, since callers cannot tell which one it is.
 */
export function normaliseDeviceId(kind: DeviceIdKind, value: unknown): DeviceId | null {
  const given = readPresent(value);
  if (given === null || ALL_ZERO.test(given)) return null;
  const raw = SPELLINGS[kind].canonical(given);
  if (raw === null) return normaliseHashedId(kind, given);
  if (SHARED[kind]?.includes(raw)) return null;
  const hashes = SPELLINGS[kind].spellings(raw, given).map(md5Hex);
  if (MD5_HEX.test(given)) {
    if (WORTHLESS_HASHES.has(given.toLowerCase())) return null;
    hashes.push(given.toLowerCase());
  }
  return { kind, raw, hashes: [...new Set(hashes)] };
}

/** Reads a device id that is given as md5; null where it is none or the md5 of no real id. */
export function normaliseHashedId(kind: DeviceIdKind, value: unknown): DeviceId | null {
  const hash = readPresent(value)?.toLowerCase();
  if (hash === undefined || !MD5_HEX.test(hash) || ALL_ZERO.test(hash) || WORTHLESS_HASHES.has(hash)) {
    return null;
  }
  return { kind, raw: null, hashes: [hash] };
}

/** Reads the CAIDs out of whatever holds them: a comma list, `version_value` pairs or JSON. */
export function readCaids(value: unknown): DeviceId[] {
  const found = readPresent(value, 4096)?.match(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/gi) ?? [];
  return found.flatMap((text) => normaliseDeviceId('caid', text) ?? []);
}

export function md5Hex(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

function matching(form: RegExp, text: string): string | null {
  return form.test(text) ? text : null;
}
