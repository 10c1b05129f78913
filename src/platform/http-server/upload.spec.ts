import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import type { Config } from '../config/config.js';
import { Problem } from './problem.js';
import { serverLimits } from './server-limits.js';
import { takeFiles, type Upload } from './upload.js';

const REQUEST_TIMEOUT_MS = 300;
const LIMITS = { idleMs: 400, totalMs: 2_500 };

/** A server that takes rows at `/rows`, of which it reads all, or only so many bytes; `/slow` waits for any body. */
async function startServer(): Promise<FastifyInstance> {
  const settings: Record<string, number> = {
    HTTP_REQUEST_TIMEOUT_MS: REQUEST_TIMEOUT_MS,
    HTTP_HEADER_LIMIT_BYTES: 16_384,
  };
  const config = { get: (name: string) => settings[name] } as unknown as Config;
  const server = fastify({ ...serverLimits(config) });
  takeFiles(server, LIMITS);
  server.post('/rows', { config: { takesFile: ['text/csv'] } }, async (request, reply) => {
    const { max = '1000000' } = request.query as { max?: string };
    try {
      return { bytes: (await (request.body as Upload).read(Number(max))).length };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return reply.status(error.kind.status).send({ code: error.kind.code, detail: error.detail });
    }
  });
  server.post('/slow', async () => ({}));
  await server.listen({ port: 0, host: '127.0.0.1' });
  return server;
}

describe('a file that is sent', () => {
  let server: FastifyInstance;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  /** Sends the pieces, and waits so long behind each. */
  async function post(
    path: string,
    pieces: Iterable<Uint8Array>,
    waitMs = 0,
    headers: Record<string, string> = {},
  ) {
    const body = async function* () {
      for (const piece of pieces) {
        yield piece;
        await sleep(waitMs);
      }
    };
    const answer = await fetch(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', ...headers },
      body: Readable.toWeb(Readable.from(body())),
      duplex: 'half',
    } as never);
    return { status: answer.status, json: await answer.json() };
  }
  const pieces = (count: number) => Array<Uint8Array>(count).fill(Buffer.from('a,b\n'));

  it('may take longer than a request, as long as it comes', async () => {
    expect(await post('/rows', pieces(8), 150)).toEqual({ status: 200, json: { bytes: 32 } });
  });

  it('is refused where it stands still', async () => {
    expect(await post('/rows', pieces(2), 700)).toMatchObject({
      status: 408,
      json: { code: 'upload_timeout', detail: 'Nothing came for 0.4 s.' },
    });
  });

  it('is refused where it takes too long in all', async () => {
    expect(await post('/rows', pieces(100), 100)).toMatchObject({
      status: 408,
      json: { detail: 'The file took longer than 2.5 s.' },
    });
  });

  it('is cut off like any request where nobody reads it', async () => {
    await expect(post('/slow', pieces(20), 100, { 'content-type': 'application/json' })).rejects.toThrow(
      'fetch failed',
    );
  });

  it('may be packed', async () => {
    const packed = gzipSync('a,b\n'.repeat(1_000));
    const halves = [packed.subarray(0, 20), packed.subarray(20)];
    const gzip = { 'content-encoding': 'gzip' };
    expect(await post('/rows', halves, 200, gzip)).toEqual({ status: 200, json: { bytes: 4_000 } });
    expect(await post('/rows', [packed.subarray(0, 20), Buffer.alloc(30, 255)], 0, gzip)).toMatchObject({
      status: 422,
      json: { detail: 'The gzip data of the file is broken.' },
    });
  });

  it('is read no further than it may be, and its sender hears why', async () => {
    const large = Array<Uint8Array>(40).fill(Buffer.alloc(65_536));
    expect(await post('/rows?max=1000', large)).toMatchObject({
      status: 413,
      json: { code: 'body_too_large' },
    });
    const packed = [gzipSync(Buffer.alloc(5_000_000))];
    expect(await post('/rows?max=1000', packed, 0, { 'content-encoding': 'gzip' })).toMatchObject({
      status: 413,
    });
  });

  it('is taken only where its type is', async () => {
    expect((await post('/slow', pieces(1))).status).toBe(415);
  });
});
