import {
  type DeviceIdKind,
  md5Hex,
  normaliseDeviceId,
  normaliseHashedId,
  readCaids,
} from './normalise-device-id.js';

describe('normaliseDeviceId', () => {
  it.each<[string, DeviceIdKind, string, string]>([
    ['a MAC hashed without colons', 'mac', '90:F0:52:48:5E:12', '83afcfa842269ae2c8b96e6ee0546ec2'],
    ['a MAC hashed with colons', 'mac', '90-f0-52-48-5e-12', 'c9df8b24182beb502a8c67d46aa76c0a'],
    [
      'an IDFA in lower case',
      'idfa',
      '12345678-abcd-ef12-3456-7890abcdef12',
      '6fb9bdd7d9c36816ca2bf26d05b9c842',
    ],
    [
      'an IDFA without dashes',
      'idfa',
      '12345678ABCDEF1234567890ABCDEF12',
      '6fb9bdd7d9c36816ca2bf26d05b9c842',
    ],
    ['an IMEI', 'imei', ' 00-499901-064000-0 ', md5Hex('004999010640000')],
    ['a MEID hashed in upper case', 'imei', 'a0000000abcdef', md5Hex('A0000000ABCDEF')],
    ['an OAID as it is', 'oaid', 'Fake0AID-0001', md5Hex('Fake0AID-0001')],
    ['an Android id', 'android_id', 'FEDCBA9876543210', md5Hex('fedcba9876543210')],
  ])('knows the md5 of %s', (_, kind, text, hash) => {
    expect(normaliseDeviceId(kind, text)?.hashes).toContain(hash);
  });

  it.each<[DeviceIdKind, string, string]>([
    ['idfa', '12345678-ABCD-EF12-3456-7890ABCDEF12', '6fb9bdd7d9c36816ca2bf26d05b9c842'],
    ['mac', '90:F0:52:48:5E:12', '83afcfa842269ae2c8b96e6ee0546ec2'],
    ['imei', '004999010640000', md5Hex('004999010640000')],
  ])('gives the usual md5 of an %s first', (kind, text, hash) => {
    expect(normaliseDeviceId(kind, text)?.hashes[0]).toBe(hash);
  });

  it.each<[DeviceIdKind, unknown]>([
    ['idfa', ''],
    ['idfa', 'NULL'],
    ['idfa', 'null'],
    ['oaid', 'undefined'],
    ['oaid', '__OAID__'],
    ['idfa', '{IDFA}'],
    ['imei', '{{IMEI_MD5}}'],
    ['imei', '(imei)'],
    ['idfa', '00000000-0000-0000-0000-000000000000'],
    ['imei', '000000000000000'],
    ['imei', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['imei', md5Hex('000000000000000')],
    ['idfa', md5Hex('00000000-0000-0000-0000-000000000000')],
    ['mac', '02:00:00:00:00:00'],
    ['mac', md5Hex('020000000000')],
    ['android_id', '9774d56d682e549c'],
    ['android_id', 'not an id'],
    ['imei', '12345'],
    ['idfa', 17],
    ['idfa', null],
    ['idfa', { a: 1 }],
  ])('takes an %s of %j as absent', (kind, value) => {
    expect(normaliseDeviceId(kind, value)).toBeNull();
  });

  it('takes an md5 where the raw id has another form', () => {
    const hash = md5Hex('004999010640000');
    expect(normaliseDeviceId('imei', hash.toUpperCase())).toEqual({
      kind: 'imei',
      raw: null,
      hashes: [hash],
    });
  });

  it('takes 32 hex digits as a raw OAID and as a hash, since nobody can tell', () => {
    const text = md5Hex('whatever');
    expect(normaliseDeviceId('oaid', text)).toMatchObject({
      raw: text,
      hashes: expect.arrayContaining([text, md5Hex(text)]),
    });
  });
});

describe('normaliseHashedId', () => {
  it.each(['', '__OAID_MD5__', 'd41d8cd98f00b204e9800998ecf8427e', '0'.repeat(32), 'abc'])(
    'takes %j as absent',
    (text) => {
      expect(normaliseHashedId('oaid', text)).toBeNull();
    },
  );

  it('keeps a hash in lower case', () => {
    expect(normaliseHashedId('oaid', md5Hex('x').toUpperCase())?.hashes).toEqual([md5Hex('x')]);
  });
});

describe('readCaids', () => {
  const caid = md5Hex('a device');
  it.each([
    ['a list of version and value', `20220111_${caid},20230330_${md5Hex('another')}`, 2],
    ['JSON', `[{"caid":"${caid}","version":"20230330"}]`, 1],
    ['a macro', '__CAID__', 0],
    ['zeros', '0'.repeat(32), 0],
  ])('reads %s', (_, text, count) => {
    expect(readCaids(text)).toHaveLength(count);
  });
});
