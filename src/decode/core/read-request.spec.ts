import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readRequest } from './read-request.js';

const LIMIT = 1024 * 1024;
const BASE64 = 'eyJhIjoifn4+Pj8/In0=';
const ESCAPED = encodeURIComponent(BASE64);

const read = (query: string, body: string | Buffer = '') =>
  readRequest({ query, body: Buffer.from(body as string) }, LIMIT);
const text = (value: string) => ({ kind: 'text', text: value });

describe('readRequest', () => {
  it.each([
    [
      'the query',
      `project=shop&data=${ESCAPED}`,
      '',
      [{ name: 'data', from: 'query', content: text(BASE64) }],
    ],
    [
      'a form body',
      '',
      `data_list=${ESCAPED}&gzip=1`,
      [{ name: 'data_list', from: 'body', content: text(BASE64) }],
    ],
    ['a form whose plus was not escaped', '', `data=${BASE64}`, [{ content: text(BASE64) }]],
    [
      'a form with lower-case escapes',
      '',
      `data=${ESCAPED.toLowerCase().replaceAll('%2b', '%2b')}`,
      [{ from: 'body' }],
    ],
    ['both parameters', '', `data=YQ%3D%3D&data_list=Yg%3D%3D`, [{ name: 'data' }, { name: 'data_list' }]],
    ['query and body', `data=YQ`, `data=Yg`, [{ from: 'query' }, { from: 'body' }]],
    [
      'escaped JSON text',
      '',
      `data_list=${encodeURIComponent('[{"a":"1 +%"}]')}`,
      [{ content: text('[{"a":"1 +%"}]') }],
    ],
    ['JSON text of a form encoder', '', 'data=%7B%22a%22%3A%22x+y%22%7D', [{ content: text('{"a":"x y"}') }]],
    [
      'a JSON body with data',
      '',
      '{"data":{"a":1}}',
      [{ name: 'data', content: { kind: 'value', value: { a: 1 } } }],
    ],
    [
      'a JSON body with base64',
      '',
      `{"data_list":"${BASE64}"}`,
      [{ name: 'data_list', content: text(BASE64) }],
    ],
    ['a bare record', '', ' {"type":"track"}', [{ name: 'body', content: { value: { type: 'track' } } }]],
    ['a bare list', '', '[{"type":"track"}]', [{ name: 'body', content: { value: [{ type: 'track' }] } }]],
    ['nothing', 'project=shop', '', []],
    ['a body without a payload', '', 'hello', []],
    ['an empty payload', 'data=', 'data_list=', []],
  ])('finds the payload in %s', (_name, query, body, expected) => {
    const request = read(query, body);
    expect(request).toMatchObject({ kind: 'ok', parameters: expected });
  });

  it.each([
    ['crc of the mobile SDKs', 'data=YQ&crc=-12', -12],
    ['ext of the Web SDK', 'data=YQ&ext=crc%3D-12', -12],
    ['no checksum', 'data=YQ&crc=abc', null],
  ])('reads the %s', (_name, body, crc) => {
    expect(read('', body)).toMatchObject({ parameters: [{ crc }] });
  });

  it('reads a body that is packed as a whole', () => {
    expect(read('', gzipSync('data=YQ'))).toMatchObject({ parameters: [{ content: text('YQ') }] });
  });

  it('reads a multipart body', () => {
    const body = `--x1\r\nContent-Disposition: form-data; name="data_list"\r\n\r\n${BASE64}\r\n--x1\r\nContent-Disposition: form-data; name="crc"\r\n\r\n7\r\n--x1--\r\n`;
    expect(read('', body)).toMatchObject({
      parameters: [{ name: 'data_list', content: text(BASE64), crc: 7 }],
    });
  });

  it.each([
    ['a packed body over the limit', gzipSync(Buffer.alloc(LIMIT * 4)), 'inflated_too_large'],
    ['a packed body that is broken', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), 'undecodable_gzip'],
    ['JSON that is broken off', Buffer.from('{"data":'), 'invalid_json'],
  ])('says why it cannot read %s', (_name, body, reason) => {
    expect(read('', body)).toMatchObject({ kind: 'dead', reason });
  });

  it('keeps broken percent sequences as they are', () => {
    expect(read('data=a%zz%41%')).toMatchObject({ parameters: [{ content: text('a%zzA%') }] });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 }), (query, bytes) => {
        expect(['ok', 'dead']).toContain(readRequest({ query, body: Buffer.from(bytes) }, LIMIT).kind);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a million empty fields', '&'.repeat(1_000_000)],
    ['a million fields', 'a=b&'.repeat(250_000)],
    ['a megabyte of percent signs', `data=${'%'.repeat(1_000_000)}`],
    ['a multipart body of boundaries', `--\n${'--\n'.repeat(300_000)}`],
    ['a multipart head of one line', `--x\n${'content-disposition: name=;'.repeat(40_000)}\n\n`],
  ])('is through with %s in no time', (_name, body) => {
    const startedAt = performance.now();
    read('', body);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
