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

/** Makes a new id of one kind: time-ordered to the millisecond, 74 random bits behind it. */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return `${ID_PREFIXES[kind]}_${toBase32(bytes)}`;
}

/** Whether `text` has the form of an id of that kind. */
export function isId(kind: IdKind, text: string): boolean {
  return new RegExp(`^${ID_PREFIXES[kind]}_[0-9a-hjkmnp-tv-z]{26}$`).test(text);
}

function toBase32(bytes: Buffer): string {
  let value = BigInt(`0x${bytes.toString('hex')}`);
  const digits = new Array<string>(26);
  for (let i = 25; i >= 0; i--) {
    digits[i] = ALPHABET[Number(value & 31n)] ?? '0';
    value >>= 5n;
  }
  return digits.join('');
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
