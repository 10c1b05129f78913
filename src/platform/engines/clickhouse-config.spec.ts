import { clickhouseConfig, clickhouseMemoryLimit, clickhouseUsers } from './clickhouse-config.js';

const MIB = 1024 * 1024;

describe('The configuration of the embedded ClickHouse', () => {
  it.each([
    ['two fifths of a small machine', 4000, 1600],
    ['never more than 4 GiB', 64_000, 4096],
    ['never less than 512 MiB', 500, 512],
  ])('takes %s', (_, machineMib, limitMib) => {
    expect(clickhouseMemoryLimit(machineMib * MIB)).toBe(limitMib * MIB);
  });

  it('lets in requests with our name and password only', () => {
    const config = clickhouseConfig({ password: 'abc', usersPath: '/a&b/users.xml', memoryBytes: 1 });
    const basic = Buffer.from('rekindle:abc').toString('base64');
    expect(config).toContain(`<headers><Authorization>Basic ${basic}</Authorization></headers>`);
    expect(config).not.toContain('<defaults');
    expect(config).toContain('/a&amp;b/users.xml');
  });

  it('keeps the password out of the list of users', () => {
    expect(clickhouseUsers('abc')).not.toContain('abc<');
    expect(clickhouseUsers('abc')).toContain(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
