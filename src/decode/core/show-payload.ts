import { isUtf8 } from 'node:buffer';

/** A payload for people: as text where it is UTF-8, else as base64. */
export interface ShownPayload {
  encoding: 'text' | 'base64';
  content: string;
}

/**
 * Shows the bytes of a dead letter.
 * @param isCut the bytes end where space ended, perhaps in the middle of a character: that character is left out
 */
export function showPayload(bytes: Buffer, isCut: boolean): ShownPayload {
  const whole = isCut ? bytes.subarray(0, endOfLastCharacter(bytes)) : bytes;
  return isUtf8(whole)
    ? { encoding: 'text', content: whole.toString('utf8') }
    : { encoding: 'base64', content: bytes.toString('base64') };
}

/** Index behind the last character that is there in full; a character of UTF-8 has at most 4 bytes. */
function endOfLastCharacter(bytes: Buffer): number {
  for (let back = 1; back <= 4 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length - back + 1;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length <= back ? bytes.length : bytes.length - back;
  }
  return bytes.length;
}
