import ipaddr from 'ipaddr.js';
import { writeMmdb } from '../../../../test/support/write-mmdb.js';
import { Mmdb, MmdbError } from './mmdb.js';

const PLACES = {
  '203.0.113.0/25': { city: { names: { en: 'Ghent', de: 'Gent' } }, location: { latitude: 51.05 } },
  '203.0.113.128/26': { city: 'x'.repeat(400), tags: ['a', 'b'], is_anycast: true, asn: 64_500 },
  '198.51.100.7/32': { city: 'One' },
};
const addressOf = (text: string) => Uint8Array.from(ipaddr.parse(text).toByteArray());
const open = (file: Buffer) =>
  new Mmdb({ length: file.length, read: (offset, length) => file.subarray(offset, offset + length) });

describe('Mmdb', () => {
  describe.each([24, 28, 32] as const)('with records of %i bits', (recordBits) => {
    it.each([4, 6] as const)('finds what a database of IP version %i says', (ipVersion) => {
      const mmdb = open(writeMmdb(PLACES, { ipVersion, recordBits }));
      expect(mmdb.find(addressOf('203.0.113.1'))).toEqual(PLACES['203.0.113.0/25']);
      expect(mmdb.find(addressOf('203.0.113.130'))).toEqual(PLACES['203.0.113.128/26']);
      expect(mmdb.find(addressOf('198.51.100.7'))).toEqual({ city: 'One' });
      expect(mmdb.find(addressOf('203.0.113.200'))).toBeNull();
      expect(mmdb.find(addressOf('198.51.100.8'))).toBeNull();
    });
  });

  it('finds IPv6 addresses where the database has them', () => {
    const file = writeMmdb(
      { '2001:db8::/32': { city: 'Six' }, '203.0.113.0/24': { city: 'Four' } },
      { ipVersion: 6 },
    );
    expect(open(file).find(addressOf('2001:db8::1'))).toEqual({ city: 'Six' });
    expect(open(file).find(addressOf('2001:db9::1'))).toBeNull();
    expect(open(file).find(addressOf('203.0.113.9'))).toEqual({ city: 'Four' });
    expect(open(writeMmdb(PLACES)).find(addressOf('2001:db8::1'))).toBeNull();
  });

  it('follows pointers', () => {
    // A map of which the second value points to the text of the first one, 1 byte behind the map's own.
    const data = Buffer.from([0xe2, 0x41, 0x61, 0x43, 0x6f, 0x6e, 0x65, 0x41, 0x62, 0x20, 0x03]);
    const plain = writeMmdb({ '203.0.113.0/24': 'one-two-to' });
    const at = plain.indexOf('one-two-to') - 1;
    data.copy(plain, at);
    expect(open(plain).find(addressOf('203.0.113.1'))).toEqual({ a: 'one', b: 'one' });
  });

  it.each([
    ['a file of something else', Buffer.from('not a database')],
    ['an empty file', Buffer.alloc(0)],
  ])('refuses %s', (_name, file) => {
    expect(() => open(file)).toThrow(MmdbError);
  });

  it.each([
    ['is cut short', Buffer.from([0x5d, 0xff])],
    ['points to itself', Buffer.from([0x20, 0x00])],
    ['claims a huge list', Buffer.from([0x1f, 0x04, 0xff, 0xff, 0xff])],
  ])('says so where the data of an address %s', (_name, data) => {
    const file = writeMmdb({ '203.0.113.0/24': 'abcdefgh' });
    data.copy(file, file.indexOf('abcdefgh') - 1);
    expect(() => open(file).find(addressOf('203.0.113.1'))).toThrow(MmdbError);
  });
});
