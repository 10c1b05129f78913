import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ClickHouseMigrator, isOlder } from './migrate-clickhouse.js';

describe('The version of ClickHouse', () => {
  it.each(['25.8.2.29', '26.6.9.1', '9.1'])('may not be %s', (version) => {
    expect(isOlder(version)).toBe(true);
  });

  it.each(['26.7.1.1', '26.7.0.1-chdb', '26.10.3.1', '27.1.1.1'])('may be %s', (version) => {
    expect(isOlder(version)).toBe(false);
  });

  it('is asked before anything is changed', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      void text(request).then((query) => {
        asked.push(query);
        response.end('{"version":"25.8.2.29"}\n');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const migrator = await ClickHouseMigrator.load({
      url,
      database: 'rekindle',
      folder: 'migrations/clickhouse',
    });
    await expect(migrator.run()).rejects.toThrow('ClickHouse is 25.8.2.29, and 26.7 or later is needed');
    expect(asked).toEqual([expect.stringContaining('SELECT version()')]);
    server.close();
  });
});
