import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { Database } from '../../src/platform/db/database.js';
import { BullQueues } from '../../src/platform/queue/bull-queues.js';
import { defineJob } from '../../src/platform/queue/job.js';
import { type Rekindle, startRekindle } from '../support/rekindle.js';
import { databaseUrlOf } from '../support/stores.js';

const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5]);
const JOB = defineJob({
  name: 'lost',
  queue: 'trigger',
  payload: z.object({}),
  attempts: 1,
  backoffMs: 1,
});

/** What a backend says last when its postmaster is gone. */
function lastWords(): Buffer {
  const fields = Buffer.from(
    'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0',
  );
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Stands before a PostgreSQL that can be made to die as soon as it has answered: both arrive in one piece. */
class DyingPostgres {
  isDying = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.serve(client));
  }

  static async start(target: string): Promise<DyingPostgres> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new DyingPostgres(server, new URL(target));
  }

  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** Ends every connection, as a death does. */
  endAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.endAll();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      if (this.isDying && bytes.includes(READY_FOR_QUERY)) client.end(Buffer.concat([bytes, lastWords()]));
      else client.write(bytes);
    });
  }
}

/** An error that nobody listens to ends the process, and the test with it. */
describe('a PostgreSQL that dies between two queries', () => {
  let rekindle: Rekindle;
  let postgres: DyingPostgres;

  beforeAll(async () => {
    rekindle = await startRekindle();
    postgres = await DyingPostgres.start(await databaseUrlOf(rekindle));
  });
  afterAll(async () => {
    await postgres.stop();
    await rekindle.stop();
  });

  it('fails the queries of that moment, and those after it succeed', async () => {
    const db = await Database.connect({ url: postgres.url, poolSize: 2, entities: [], migrations: [] });
    postgres.endAll();
    postgres.isDying = true;
    for (let i = 0; i < 3; i++) await expect(db.query('SELECT 1 AS one')).rejects.toThrow();
    await expect(db.transaction((tx) => tx.query('SELECT 1 AS one'))).rejects.toThrow();
    postgres.isDying = false;
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await db.close();
  });

  it('fails the jobs of that moment, and those after it are queued', async () => {
    const queues = new BullQueues({
      prefix: 'lost',
      redisUrl: undefined,
      databaseUrl: postgres.url,
      migrate: true,
    });
    await queues.open();
    postgres.endAll();
    postgres.isDying = true;
    for (let i = 0; i < 3; i++) await expect(queues.add(JOB, {})).rejects.toThrow();
    postgres.isDying = false;
    await queues.add(JOB, {});
    await queues.close();
  });
});
