import { gzipSync } from 'node:zlib';
import { estimateDecodedBytes } from './estimate-decoded-bytes.js';

const json = Buffer.from(JSON.stringify([{ type: 'track', event: 'View', properties: { price: 1 } }]));

describe('estimateDecodedBytes', () => {
  it.each([
    ['a plain body as it is', json, json.length],
    [
      'base64 of gzip as eight times as much',
      `crc=1&gzip=1&data_list=${gzipSync(json).toString('base64')}`,
      8,
    ],
    ['gzip as eight times as much', gzipSync(json), 8],
    ['base64 of JSON as it is', `data=${json.toString('base64')}`, 1],
  ])('takes %s', (_name, content, expected) => {
    const body = Buffer.from(content);
    const estimate = estimateDecodedBytes({ body, query: '' });
    expect(estimate).toBe(expected > 10 ? expected : expected * body.length);
  });

  it('counts what is in the query', () => {
    expect(estimateDecodedBytes({ body: Buffer.alloc(0), query: 'data=YQ' })).toBe(7);
  });
});
