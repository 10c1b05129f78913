import { EngineFailure, EngineStartError } from './engine-start-error.js';
import { startWithRetries } from './start-with-retries.js';

const BUSY = 'FATAL: could not bind: Address already in use';

/** A start that fails with the given lines, one after the other, and then works. */
function failing(...lines: string[]) {
  const ports: number[] = [];
  return {
    ports,
    start: async (port: number) => {
      ports.push(port);
      const line = lines[ports.length - 1];
      if (line !== undefined) throw new EngineFailure([line]);
      return 'up';
    },
  };
}

const SITE = { dataDir: '/data', port: undefined };

describe('The start of an engine', () => {
  it('is tried on another port when somebody took the first one', async () => {
    const { start, ports } = failing(BUSY, BUSY);
    await expect(startWithRetries('PostgreSQL', SITE, start)).resolves.toBe('up');
    expect(ports).toHaveLength(3);
  });

  it('is given up when every port is taken', async () => {
    const { start, ports } = failing(...Array.from({ length: 9 }, () => BUSY));
    await expect(startWithRetries('PostgreSQL', SITE, start)).rejects.toThrow(EngineStartError);
    expect(ports).toHaveLength(5);
  });

  it('waits for a dying predecessor', async () => {
    const { start } = failing('Cannot lock file /data/clickhouse/status');
    await expect(startWithRetries('ClickHouse', SITE, start)).resolves.toBe('up');
  });

  it('is not tried again when it cannot get better', async () => {
    const { start, ports } = failing('PANIC: could not write: No space left on device');
    await expect(startWithRetries('PostgreSQL', SITE, start)).rejects.toThrow('is full');
    expect(ports).toHaveLength(1);
  });
});
