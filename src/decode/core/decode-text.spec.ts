import fc from 'fast-check';
import { decodeText } from './decode-text.js';

/** Each UTF-16 unit as one to three bytes, as the mini-program SDK writes text. */
function toCesu8(text: string): Buffer {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return Buffer.from(
    units.flatMap((unit) => {
      if (unit < 0x80) return [unit];
      if (unit < 0x800) return [0xc0 | (unit >> 6), 0x80 | (unit & 0x3f)];
      return [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
    }),
  );
}

describe('the text of a payload', () => {
  it('is read from UTF-8 and from what the mini-program SDK writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeText(Buffer.from(text))).toBe(text);
        expect(decodeText(toCesu8(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['a first half', 'a\ud83d', 'a\uFFFD'],
    ['a second half', '\ude00b', '\uFFFDb'],
    ['two first halves', '\ud83d\ud83d\ude00', '\uFFFD😀'],
    ['halves in the wrong order', '\ude00\ud83d', '\uFFFD\uFFFD'],
  ])('has a replacement for %s that stands alone', (_name, text, expected) => {
    expect(decodeText(toCesu8(text))).toBe(expected);
  });

  it.each([
    ['a byte that starts nothing', [0x61, 0xff]],
    ['a character that is cut', [0x61, 0xe5, 0x95]],
    ['a half that is cut', [0x61, 0xed, 0xa0]],
    ['a character in too many bytes', [0xc0, 0xaf]],
  ])('is none with %s', (_name, bytes) => {
    expect(decodeText(Buffer.from(bytes))).toBeNull();
  });
});
