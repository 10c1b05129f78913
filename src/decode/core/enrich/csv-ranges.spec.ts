import ipaddr from 'ipaddr.js';
import { CsvRanges } from './csv-ranges.js';

const sourceOf = (text: string) => {
  const bytes = Buffer.from(text);
  return {
    length: bytes.length,
    read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
};
const bytesOf = (address: string) => Uint8Array.from(ipaddr.parse(address).toByteArray());
const answer = (number: number, name: string) => ({
  autonomous_system_number: number,
  autonomous_system_organization: name,
});

describe('CsvRanges', () => {
  const four = new CsvRanges(
    sourceOf(
      '16777216,16777471,13335,"Cloudflare, Inc."\n16778240,16779263,38803,Gtelecom\n' +
        '3405803776,3405804031,64500,"LLC ""SPUTNIK"""\r\n',
    ),
    4,
  );

  it.each([
    ['the first address of a range', '1.0.0.0', answer(13_335, 'Cloudflare, Inc.')],
    ['the last address of a range', '1.0.0.255', answer(13_335, 'Cloudflare, Inc.')],
    ['the range behind', '1.0.4.7', answer(38_803, 'Gtelecom')],
    ['a name with quotes', '203.0.113.9', answer(64_500, 'LLC "SPUTNIK"')],
    ['an address between the ranges', '1.0.1.0', null],
    ['an address before all', '0.0.0.1', null],
    ['an address behind all', '255.0.0.1', null],
    ['an address of the other kind', '2001::1', null],
  ])('answers for %s', (_name, address, expected) => {
    expect(four.find(bytesOf(address))).toEqual(expected);
  });

  it('finds each of many, whatever the length of the lines, and none in an empty file', () => {
    const name = (i: number) => 'x'.repeat((i * 37) % 200);
    const lines = Array.from({ length: 3_000 }, (_, i) => `${i * 10},${i * 10 + 4},${i},${name(i)}`);
    const table = new CsvRanges(sourceOf(lines.join('\n')), 4);
    for (let i = 0; i < 3_000; i += 7) {
      const at = (value: number) =>
        table.find(Uint8Array.of(0, value >> 16, (value >> 8) & 255, value & 255));
      expect(at(i * 10 + (i % 5))).toEqual(answer(i, name(i)));
      expect(at(i * 10 + 5)).toBeNull();
    }
    expect(new CsvRanges(sourceOf(''), 4).find(bytesOf('1.1.1.1'))).toBeNull();
  });

  it('knows addresses of IPv6', () => {
    const table = new CsvRanges(
      sourceOf(
        '42540488161975842760550356425300246528,42540488241204005274814694018844196863,6939,Hurricane\n',
      ),
      16,
    );
    expect(table.find(bytesOf('2001::7'))).toEqual(answer(6_939, 'Hurricane'));
    expect(table.find(bytesOf('2001:1::'))).toBeNull();
  });
});
