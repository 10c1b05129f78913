import { findPackageFile, notAvailable } from './platform-package.js';

describe('An engine without a package for this platform', () => {
  it.each([
    ['PostgreSQL', 'DATABASE_URL to a PostgreSQL server (>= 14)'],
    ['ClickHouse', 'CLICKHOUSE_URL to a ClickHouse server (>= 24.8)'],
  ] as const)('%s is refused with the setting to use instead', (product, setting) => {
    expect(notAvailable(product, 'linux-x64-musl').message).toContain(
      `The embedded ${product} is not available on linux-x64-musl: set ${setting}`,
    );
  });

  it('is noticed by its absence', () => {
    expect(findPackageFile('@example/lib-linux-x64-musl/package.json', '@example/none')).toBeUndefined();
    expect(findPackageFile('pg', 'pg')).toContain('node_modules/pg/');
  });
});
