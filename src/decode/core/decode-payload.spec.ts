import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { decodePayload } from './decode-payload.js';
import { javaStringHash } from './java-string-hash.js';

const LIMIT = 1024 * 1024;
const RECORD = { type: 'track', event: 'ViewItem', properties: { title: '商品 ~~~ ÿ>>?' } };
const JSON_TEXT = JSON.stringify(RECORD);
const PACKED = gzipSync(JSON_TEXT).toString('base64');
const PLAIN = Buffer.from(JSON_TEXT).toString('base64');

const decoded = (text: string, crc: number | null = null) => decodePayload(text, crc, LIMIT);

describe('decodePayload', () => {
  it.each([
    ['base64 of JSON', PLAIN],
    ['base64 of gzip', PACKED],
    ['JSON text', JSON_TEXT],
    ['JSON text behind white space', `\n ${JSON_TEXT}`],
    ['base64 whose + became a space', PLAIN.replaceAll('+', ' ')],
    ['base64 without padding', PLAIN.replace(/=+$/, '')],
    ['base64 of the URL-safe alphabet', Buffer.from(JSON_TEXT).toString('base64url')],
    ['base64 broken into lines', PLAIN.replace(/.{40}/g, '$&\r\n')],
    ['JSON with a byte order mark', Buffer.from(`\uFEFF${JSON_TEXT}`).toString('base64')],
  ])('reads %s', (_name, text) => {
    expect(decoded(text)).toMatchObject({ kind: 'ok', value: RECORD });
  });

  it.each([
    ['nothing but padding', '====', 'undecodable_base64'],
    ['other characters', 'a*b*c*d*', 'undecodable_base64'],
    ['base64 with one character too many', `${PLAIN.replace(/=+$/, '').slice(0, 4)}A`, 'undecodable_base64'],
    [
      'gzip cut in the middle',
      Buffer.from(PACKED, 'base64').subarray(0, 30).toString('base64'),
      'undecodable_gzip',
    ],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('base64'), 'invalid_json'],
    ['text that is not JSON', Buffer.from('hello').toString('base64'), 'invalid_json'],
    ['JSON that is broken off', JSON_TEXT.slice(0, -3), 'invalid_json'],
  ])('says why it cannot read %s', (_name, text, reason) => {
    expect(decoded(text)).toMatchObject({ kind: 'dead', reason });
  });

  it('stops a zip bomb at the limit', () => {
    const bomb = gzipSync(Buffer.alloc(64 * LIMIT, 0x20)).toString('base64');
    expect(bomb.length).toBeLessThan(LIMIT / 4);
    expect(decoded(bomb)).toMatchObject({ kind: 'dead', reason: 'inflated_too_large' });
  });

  it.each([
    ['absent where none came', null, 'absent'],
    ['right over the base64 text', javaStringHash(PACKED), 'matches'],
    ['wrong, and the payload is read all the same', 1, 'mismatch'],
  ])('finds the checksum %s', (_name, crc, expected) => {
    expect(decoded(PACKED, crc)).toMatchObject({ kind: 'ok', crc: expected, value: RECORD });
  });

  it('repairs the plus signs before it checks the checksum', () => {
    const text = Buffer.from('{"a":"~~>>??>>~~>>"}').toString('base64');
    expect(text).toContain('+');
    expect(decoded(text.replaceAll('+', ' '), javaStringHash(text))).toMatchObject({ crc: 'matches' });
  });

  it('ends in a value or a reason for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.json()), (text) => {
        expect(['ok', 'dead']).toContain(decoded(text).kind);
      }),
      { numRuns: 500 },
    );
  });

  it('ends in a value or a reason for any bytes, packed or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.boolean(), (bytes, isPacked) => {
        const text = Buffer.from(isPacked ? gzipSync(bytes) : bytes).toString('base64');
        expect(['ok', 'dead']).toContain(decoded(text).kind);
      }),
      { numRuns: 500 },
    );
  });

  it('gives back any JSON value that was sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = gzipSync(JSON.stringify(value)).toString('base64');
        expect(decoded(text)).toMatchObject({ kind: 'ok' });
        expect(JSON.stringify((decoded(text) as { value: unknown }).value)).toBe(JSON.stringify(value));
      }),
    );
  });
});
