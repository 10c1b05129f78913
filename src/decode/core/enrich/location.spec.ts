import { toLocation } from './location.js';

const NESTED = {
  country: { iso_code: 'BE', names: { en: 'Belgium', 'zh-CN': '比利时' } },
  subdivisions: [{ names: { en: 'Flanders' } }, { names: { en: 'East Flanders' } }],
  city: { names: { en: 'Ghent', 'zh-CN': '根特' } },
};
const FLAT = { country_code: 'CN', state1: 'Zhejiang', state2: '', city: 'Hangzhou', latitude: 30.2 };

describe('toLocation', () => {
  it.each([
    ['nested entries', NESTED, null, 'en', ['Belgium', 'Flanders', 'Ghent', 'BE']],
    [
      'names in another language, and English where there are none',
      NESTED,
      null,
      'zh-CN',
      ['比利时', 'Flanders', '根特', 'BE'],
    ],
    ['flat entries', FLAT, null, 'en', ['China', 'Zhejiang', 'Hangzhou', 'CN']],
    [
      'country names of flat entries by language',
      FLAT,
      null,
      'zh-CN',
      ['中国', 'Zhejiang', 'Hangzhou', 'CN'],
    ],
    [
      'an entry of a country alone',
      { country_code: 'FR' },
      null,
      'en',
      ['France', undefined, undefined, 'FR'],
    ],
  ])('reads %s', (_name, place, network, language, [country, province, city, code]) => {
    expect(toLocation(place, network, language)).toEqual({
      $country: country,
      ...(province && { $province: province }),
      ...(city && { $city: city }),
      $country_code: code,
    });
  });

  it('reads the network', () => {
    const network = { autonomous_system_number: 64_500, autonomous_system_organization: 'Example Net' };
    expect(toLocation(null, network, 'en')).toEqual({ $asn: 64_500, $as_org: 'Example Net' });
  });

  it.each([
    ['nothing', null, null],
    ['entries without a place', { location: { latitude: 1 } }, {}],
    ['values of other types', { country_code: 7, city: ['x'] }, { autonomous_system_number: 'x' }],
  ])('gives null for %s', (_name, place, network) => {
    expect(toLocation(place, network, 'en')).toBeNull();
  });
});
