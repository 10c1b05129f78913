const FIELDS = ['data', 'data_list', 'crc', 'ext', 'project'] as const;

/** The fields of a request that mean something to us, percent-decoded once. */
export type FormValues = Partial<Record<(typeof FIELDS)[number], string>>;

const PERCENT = 0x25;
/** SDKs send six fields at the most; those of a hostile body would be counted by the million. */
const MAX_FIELDS = 1_000;
const WANTED: ReadonlySet<string> = new Set(FIELDS);

/**
 * Reads `name=value&…` and keeps the fields that mean something, of the first 1,000; of a repeated field the first counts.
 * Broken percent sequences are kept as they stand.
 */
export function parseForm(text: string): FormValues {
  const values: FormValues = {};
  for (let start = 0, fields = 0; start < text.length && fields < MAX_FIELDS; fields++) {
    const ampersand = text.indexOf('&', start);
    const end = ampersand === -1 ? text.length : ampersand;
    // Looked for in the field alone: a search to the end for each of a million fields would never end.
    const field = text.slice(start, end);
    const equals = field.indexOf('=');
    const name = equals === -1 ? '' : field.slice(0, equals).trim();
    if (isWanted(name)) values[name] ??= percentDecode(field.slice(equals + 1));
    start = end + 1;
  }
  return values;
}

function isWanted(name: string): name is keyof FormValues {
  return WANTED.has(name);
}

/**
 * A literal `+` stays in base64, where it is a digit that a client forgot to escape, and is a space elsewhere.
 */
function percentDecode(text: string): string {
  const plain = isJsonText(text) ? text.replaceAll('+', ' ') : text.trimEnd();
  if (!plain.includes('%')) return plain;
  const unescaped = plain.replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=');
  if (!unescaped.includes('%')) return unescaped;
  try {
    return decodeURIComponent(plain);
  } catch {
    return decodeLeniently(plain);
  }
}

function isJsonText(text: string): boolean {
  return /^(?:[\s+]|%20)*(?:\{|\[|%7b|%5b)/i.test(text.slice(0, 32));
}

/** For what decodeURIComponent throws on. Byte by byte, for a hostile body is megabytes of percent signs. */
function decodeLeniently(text: string): string {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const high = bytes[i] === PERCENT ? hexValue(bytes[i + 1]) : -1;
    const low = high === -1 ? -1 : hexValue(bytes[i + 2]);
    const isEscape = low !== -1;
    bytes[length++] = isEscape ? high * 16 + low : (bytes[i] ?? 0);
    if (isEscape) i += 2;
  }
  return bytes.toString('utf8', 0, length);
}

/** Value of a hexadecimal digit; -1 for any other byte. */
function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
