import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeMmdb } from '../../test/support/write-mmdb.js';
import { Config, ConfigError } from '../platform/config/config.js';
import { log } from '../platform/log/log.js';
import { GeoLocations } from './geo-locations.js';

describe('GeoLocations', () => {
  let folder: string;
  const logged = log.level;
  beforeAll(async () => {
    log.level = 'silent';
    folder = await mkdtemp(join(tmpdir(), 'rekindle-geo-'));
    const file = (name: string, bytes: Buffer) => writeFile(join(folder, name), bytes);
    const places: Record<string, { country_code: string; city: string }> = {};
    // More than one page of the file.
    for (let i = 0; i < 2_000; i++) {
      places[`203.${i >> 8}.${i & 255}.0/24`] = { country_code: 'BE', city: `Town ${i}` };
    }
    await file('four.mmdb', writeMmdb(places));
    await file('six.mmdb', writeMmdb({ '2606:4700::/32': { country_code: 'FR' } }, { ipVersion: 6 }));
    await file('asn.mmdb', writeMmdb({ '203.0.0.0/16': { autonomous_system_number: 64_500 } }));
    await file('other.mmdb', Buffer.from('something else'));
    const damaged = writeMmdb({ '203.0.0.0/16': 'abcdefgh' });
    damaged.set([0x20, 0x00], damaged.indexOf('abcdefgh') - 1);
    await file('damaged.mmdb', damaged);
  });
  afterAll(async () => {
    log.level = logged;
    await rm(folder, { recursive: true });
  });

  const locations = (settings: Record<string, string[]>) =>
    new GeoLocations(
      Config.parse({
        GEOIP_ASN_FILE: 'none',
        ...Object.fromEntries(
          Object.entries(settings).map(([key, files]) => [
            key,
            files.map((file) => join(folder, file)).join(','),
          ]),
        ),
      }),
    );

  it('asks the files in order, and knows the operator beside the place', () => {
    const geo = locations({ GEOIP_CITY_FILE: ['four.mmdb', 'six.mmdb'], GEOIP_ASN_FILE: ['asn.mmdb'] });
    expect(geo.find('203.0.7.1')).toEqual({
      $country: 'Belgium',
      $city: 'Town 7',
      $country_code: 'BE',
      $asn: 64_500,
    });
    expect(geo.find('203.7.200.9')).toMatchObject({ $city: 'Town 1992' });
    expect(geo.find('::ffff:203.0.7.1')).toMatchObject({ $city: 'Town 7' });
    expect(geo.find('2606:4700::1')).toEqual({ $country: 'France', $country_code: 'FR' });
    expect(geo.find('203.0.7.1')).toBe(geo.find('203.0.7.1'));
  });

  it.each(['10.0.0.1', '127.0.0.1', 'fe80::1', '', 'unknown', '9.9.9.9'])('knows nothing of %s', (ip) => {
    expect(locations({ GEOIP_CITY_FILE: ['four.mmdb'] }).find(ip)).toBeNull();
  });

  it('knows operators out of the tables of the package where no file is named', () => {
    const geo = new GeoLocations(Config.parse({ GEOIP_CITY_FILE: 'none' }));
    expect(geo.find('1.1.1.1')).toMatchObject({ $asn: 13_335 });
    expect(geo.find('2606:4700::1')).toMatchObject({ $asn: 13_335 });
  });

  it('goes on without places where a file turns out damaged', () => {
    const geo = locations({ GEOIP_CITY_FILE: ['damaged.mmdb'] });
    expect(geo.find('203.0.7.1')).toBeNull();
    expect(geo.find('203.0.7.2')).toBeNull();
  });

  it.each([
    ['GEOIP_CITY_FILE', 'other.mmdb'],
    ['GEOIP_ASN_FILE', 'missing.mmdb'],
  ])('refuses to start where %s names %s', (setting, file) => {
    expect(() => locations({ [setting]: [file] })).toThrow(ConfigError);
    expect(() => locations({ [setting]: [file] })).toThrow(file);
  });
});
