import { isOlder } from './migrate-clickhouse.js';

describe('The version of ClickHouse', () => {
  it.each(['25.8.2.29', '26.6.9.1', '9.1'])('may not be %s', (version) => {
    expect(isOlder(version)).toBe(true);
  });

  it.each(['26.7.1.1', '26.7.0.1-chdb', '26.10.3.1', '27.1.1.1'])('may be %s', (version) => {
    expect(isOlder(version)).toBe(false);
  });
});
