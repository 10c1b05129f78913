import { ClickHouseError } from '@clickhouse/client';
import { QueryFailedError } from 'typeorm';
import { isStoreAway } from './store-away.js';

const clickhouse = (code: string) => new ClickHouseError({ message: 'x', code, type: 'X' });
const postgres = (code?: string) =>
  new QueryFailedError('SELECT 1', [], Object.assign(new Error('x'), code === undefined ? {} : { code }));

describe('a failure', () => {
  it.each<[string, unknown]>([
    ['ClickHouse without memory', clickhouse('241')],
    ['ClickHouse with too many parts', clickhouse('252')],
    ['ClickHouse without a table', clickhouse('60')],
    ['PostgreSQL that shuts down', postgres('57P01')],
    ['PostgreSQL without a connection', postgres('08006')],
    ['a deadlock', postgres('40P01')],
    ['a connection that broke', postgres()],
    ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['the network, as fetch tells it', new TypeError('fetch failed', { cause: new Error('ECONNRESET') })],
    ['anything else', 'away'],
  ])('passes by itself where it is %s', (_name, error) => {
    expect(isStoreAway(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a row that ClickHouse cannot read', clickhouse('117')],
    ['a row against a constraint', clickhouse('469')],
    ['a text that PostgreSQL cannot keep', postgres('22P05')],
    ['a value beyond a limit', postgres('54000')],
    ['a bug of ours', new TypeError('x is not a function')],
  ])('comes again with the same data where it is %s', (_name, error) => {
    expect(isStoreAway(error)).toBe(false);
  });
});
