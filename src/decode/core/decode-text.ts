import { isUtf8 } from 'node:buffer';

/**
 * Reads the bytes of a payload as text: UTF-8, in which a character beyond U+FFFF may also stand as two halves of three
 * bytes each (CESU-8). A half without its other half becomes U+FFFD.
 *
 * @returns null where the bytes are neither
 * Source: the encoder of the mini-program SDK 1.22.7, which writes emoji so.
 */
export function decodeText(bytes: Buffer): string | null {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const joined = joinHalves(bytes);
  return isUtf8(joined) ? joined.toString('utf8') : null;
}

/** Writes surrogates as UTF-8; never grows. */
function joinHalves(bytes: Buffer): Buffer {
  const joined = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const half = halfAt(bytes, i);
    if (half === null) {
      joined[length++] = bytes[i] ?? 0;
      continue;
    }
    const low = half < 0xdc00 ? halfAt(bytes, i + 3) : null;
    const isPair = low !== null && low >= 0xdc00;
    length += joined.write(isPair ? String.fromCharCode(half, low) : '\uFFFD', length);
    i += isPair ? 5 : 2;
  }
  return joined.subarray(0, length);
}

/** The surrogate that stands at a place as three bytes; null where none does. */
function halfAt(bytes: Buffer, at: number): number | null {
  const middle = bytes[at + 1] ?? 0;
  const last = bytes[at + 2] ?? 0;
  const isHalf = bytes[at] === 0xed && middle >= 0xa0 && middle <= 0xbf && (last & 0xc0) === 0x80;
  return isHalf ? 0xd000 | ((middle & 0x3f) << 6) | (last & 0x3f) : null;
}
