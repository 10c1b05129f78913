import { randomBytes } from 'node:crypto';

/**
 * Prefixes of the ids shown outside, one per kind of thing.
 * An id is `<prefix>_` + 26 characters of Crockford base32 over a UUIDv7, so ids sort by creation time.
 */
export const ID_PREFIXES = {
  apiKey: 'key',
  audit: 'aud',
  request: 'req',
  trigger: 'trg',
  timer: 'tmr',
  decision: 'dec',
  segment: 'seg',
  run: 'run',
  export: 'exp',
  userList: 'lst',
  template: 'tpl',
  campaign: 'cmp',
  planRun: 'pln',
  message: 'msg',
  webhookCall: 'whk',
  blocklistEntry: 'blk',
  sinkMessage: 'snk',
  link: 'lnk',
  adLink: 'adl',
  adClick: 'adc',
  conversion: 'cnv',
  callback: 'cbk',
  deadLetter: 'ded',
  encryptionKey: 'enk',
  derivedProperty: 'drv',
  mergeRequest: 'mrq',
  churnModel: 'chm',
  churnRun: 'chr',
  churnModelFile: 'chf',
  featureSet: 'fst',
  featureSnapshot: 'fsn',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Bits of an id that count within its millisecond: the 12 before the variant and 14 behind it. */
const COUNTER_BITS = 26;
const last = { ms: -1, counter: 0 };

/**
 * Makes a new id of one kind. Ids that one process makes for the same millisecond in a row sort in the order made
 * (RFC 9562, section 6.2, method 1): a counter that starts anywhere in its lower half, 48 random bits behind it.
 */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  const isSameMs = nowMs === last.ms;
  last.counter = isSameMs ? last.counter + 1 : bytes.readUInt32BE(6) >>> (33 - COUNTER_BITS);
  last.ms = nowMs;
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | ((last.counter >>> 14) & 0x0fff), 6);
  bytes.writeUInt16BE(0x8000 | (last.counter & 0x3fff), 8);
  return `${ID_PREFIXES[kind]}_${toBase32(bytes)}`;
}

/** Whether `text` has the form of an id of that kind. */
export function isId(kind: IdKind, text: string): boolean {
  return new RegExp(`^${ID_PREFIXES[kind]}_[0-9a-hjkmnp-tv-z]{26}$`).test(text);
}

/** 128 bits as 26 digits: two zero bits, then the bytes, five bits a digit. */
function toBase32(bytes: Buffer): string {
  let text = '';
  let held = 0;
  let bits = 2;
  for (const byte of bytes) {
    held = ((held & 0x1f) << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[(held >>> (bits - 5)) & 0x1f];
  }
  return text;
}

/** Number of a project inside the stores; outside a project is named by its slug. */
export type ProjectId = number;

/** Number of one person in one project, unique over the installation; shown outside as `usr_<n>`. */
export type UserId = number;

/** Stands for the user where a message goes to an address only. */
export const NO_USER: UserId = 0;

export function formatUserId(userId: UserId): string {
  return `usr_${userId}`;
}

/** Reads `usr_<n>`; null where the text has another form. */
export function parseUserId(text: string): UserId | null {
  const match = /^usr_([1-9]\d{0,15})$/.exec(text);
  const userId = match ? Number(match[1]) : Number.NaN;
  return Number.isSafeInteger(userId) ? userId : null;
}
