import Fastify, { type FastifyInstance } from 'fastify';
import { Projects } from '../../access/contract.js';
import { Journal, JournalFullError } from '../../journal/contract.js';
import type { Envelope } from '../../kernel/event.js';
import { KEPT_PAYLOAD_BYTES, readRefusal } from '../../kernel/refusal.js';
import { SystemClock } from '../../platform/clock/clock.js';
import { Config } from '../../platform/config/config.js';
import { PayloadInspector, SdkKeys } from '../contract.js';
import { RemoteConfigRepository, type StoredRemoteConfig } from '../data/remote-config.repository.js';
import { RemoteConfigs } from '../remote-configs.js';
import { registerCollectRoutes } from './collect.routes.js';
import { CollectHandler } from './collect-handler.js';

const SHOP = { id: 7, slug: 'shop', name: 'Shop', timeZone: 'UTC' };
const LIMIT_BYTES = 100_000;

class TwoProjects extends Projects {
  async findBySlug(slug: string) {
    if (slug === 'default') return { ...SHOP, id: 1, slug };
    return slug === 'shop' ? SHOP : null;
  }
  async get() {
    return SHOP;
  }
  async list() {
    return [SHOP];
  }
  async acceptsToken(projectId: number, token: string | null) {
    return projectId !== 7 || token === 'good';
  }
}

class MemoryJournal extends Journal {
  readonly envelopes: Envelope[] = [];
  failure: Error | null = null;
  async append(envelope: Envelope) {
    if (this.failure) throw this.failure;
    this.envelopes.push(envelope);
  }
}

class EchoInspector extends PayloadInspector {
  async inspect(envelope: Envelope) {
    const valid = envelope.body.length > 0 || envelope.query.includes('data=');
    return { valid, stages: { errors: valid ? [] : [{ reason: 'no_payload', detail: 'nothing' }] } };
  }
}

class OneKey extends SdkKeys {
  async listPublished() {
    return [{ kind: 'rsa' as const, version: 2, publicKey: 'MII=' }];
  }
}

/** The shop has a remote configuration, the default project has none. */
class OneConfig extends RemoteConfigRepository {
  failure: Error | null = null;
  constructor() {
    super(null as never);
  }
  override async find(projectId: number): Promise<StoredRemoteConfig | null> {
    if (this.failure) throw this.failure;
    const configs = {
      disableSDK: true,
      disableDebugMode: false,
      autoTrackMode: 3,
      event_blacklist: ['Noise'],
      effect_mode: 1 as const,
      supportTransportEncrypt: false,
    };
    return projectId === 7 ? { configs, encryption: true, updatedAt: new Date(0) } : null;
  }
}

describe('the addresses that SDKs send to', () => {
  let fastify: FastifyInstance;
  let journal: MemoryJournal;
  let base: string;
  let configs: OneConfig;

  async function send(request: {
    method: string;
    url: string;
    headers?: Record<string, string>;
    payload?: Buffer;
  }) {
    const { method, url, headers = {}, payload } = request;
    const response = await fetch(base + url, {
      method,
      headers,
      ...(payload ? { body: new Uint8Array(payload) } : {}),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes, body: bytes.toString() };
  }

  beforeEach(async () => {
    journal = new MemoryJournal();
    const config = Config.parse({ COLLECT_BODY_LIMIT_BYTES: String(LIMIT_BYTES) });
    const handler = new CollectHandler(
      config,
      new SystemClock(),
      new TwoProjects(),
      journal,
      new EchoInspector(),
    );
    fastify = Fastify();
    fastify.post('/api/v1/echo', async (request) => request.body);
    fastify.get('/t/:code', async () => 'link');
    configs = new OneConfig();
    await registerCollectRoutes(
      fastify,
      handler,
      new RemoteConfigs(new TwoProjects(), configs, new OneKey(), new SystemClock()),
    );
    base = await fastify.listen({ host: '127.0.0.1', port: 0 });
  });
  afterEach(() => fastify.close());

  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['text, as sendBeacon sends it', 'text/plain;charset=UTF-8'],
    ['JSON', 'application/json'],
    ['bytes', 'application/octet-stream'],
    ['a broken content type', 'garbage'],
    ['no content type', undefined],
  ])('take %s as it came', async (_name, contentType) => {
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    const answer = await send({
      method: 'POST',
      url: '/sa?project=default',
      headers,
      payload: Buffer.from('data={x'),
    });
    expect(answer).toMatchObject({ status: 200, body: 'ok' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(journal.envelopes).toMatchObject([
      { source: 'sensorsdata', projectId: 1, query: 'project=default' },
    ]);
    expect(String(journal.envelopes[0]?.body)).toBe('data={x');
  });

  it.each([
    '/sa?data=YQ',
    '/sa.gif?data=YQ',
    '/any/prefix/sa?data=YQ',
    '/a/b/c/d/e/f/sa.gif?data=YQ',
    '/abc/sa/?data=YQ',
  ])('answer GET %s with a pixel of 43 bytes', async (url) => {
    const answer = await send({ method: 'GET', url });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/gif');
    expect(answer.bytes).toHaveLength(43);
    expect(journal.envelopes).toMatchObject([{ query: 'data=YQ' }]);
  });

  it.each([
    ['GET', '/t/sa', 200, 'link'],
    ['GET', '/api/v1/nothing', 404, null],
    ['GET', '/health', 404, null],
    ['HEAD', '/sa', 404, null],
    ['PUT', '/sa', 404, null],
    ['POST', '/sab', 404, null],
  ] as const)('leave %s %s alone', async (method, url, statusCode, body) => {
    const answer = await send({ method, url });
    expect(answer.status).toBe(statusCode);
    if (body !== null) expect(answer.body).toBe(body);
    expect(journal.envelopes).toEqual([]);
  });

  it('leave the JSON parser of the other routes as it is', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await send({
      method: 'POST',
      url: '/api/v1/echo',
      headers,
      payload: Buffer.from('{"a":1}'),
    });
    expect(JSON.parse(answer.body)).toEqual({ a: 1 });
  });

  it('answer a preflight', async () => {
    const answer = await send({ method: 'OPTIONS', url: '/x/debug' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-headers')).toContain('dry-run');
  });

  it.each([
    ['unknown_project', '/sa?project=nix&data=YQ', 1, 'There is no project nix.'],
    [
      'wrong_token',
      '/sa?project=shop&token=bad&data=YQ',
      7,
      'The project shop does not have this collect token.',
    ],
  ])('answer 200 to %s and keep it as refused', async (reason, url, projectId, detail) => {
    expect(await send({ method: 'GET', url })).toMatchObject({ status: 200 });
    expect(journal.envelopes).toMatchObject([{ source: 'refused', projectId }]);
    const refusal = readRefusal(journal.envelopes[0] as Envelope);
    expect(refusal).toEqual({
      reason,
      detail,
      source: 'sensorsdata',
      query: url.slice(url.indexOf('?') + 1),
    });
  });

  it('take a request with the right token', async () => {
    await send({ method: 'GET', url: '/sa?project=shop&token=good&data=YQ' });
    expect(journal.envelopes).toMatchObject([{ source: 'sensorsdata', projectId: 7 }]);
  });

  it('answer 413 to a body over the limit and keep its first 64 KiB', async () => {
    const payload = Buffer.alloc(LIMIT_BYTES + 1, 'x');
    const answer = await send({ method: 'POST', url: '/sa', payload });
    expect(answer.status).toBe(413);
    expect(journal.envelopes[0]?.body).toHaveLength(KEPT_PAYLOAD_BYTES);
    expect(readRefusal(journal.envelopes[0] as Envelope)).toMatchObject({ reason: 'inflated_too_large' });
  });

  it.each([
    ['a full journal', new JournalFullError(9), '9'],
    ['a database that is away', new Error('connection refused'), '5'],
  ])('answer 503 to make the SDK keep its batch on %s', async (_name, failure, retryAfter) => {
    journal.failure = failure;
    const answer = await send({ method: 'POST', url: '/sa', payload: Buffer.from('data=YQ') });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe(retryAfter);
  });

  describe('for remote configuration', () => {
    it.each(['/config/Android.conf', '/any/prefix/config/iOS.conf', '//config/iOS.conf'])(
      'answer %s with what is set, and 304 to who knows it',
      async (path) => {
        const first = await send({ method: 'GET', url: `${path}?project=shop&app_id=com.example.shop` });
        expect(first.status).toBe(200);
        expect(first.headers.get('cache-control')).toBe('no-store');
        const { v, configs } = JSON.parse(first.body);
        expect(configs).toMatchObject({ disableSDK: true, autoTrackMode: 3, event_blacklist: ['Noise'] });
        expect(configs.key).toEqual({ public_key: 'MII=', pkv: 2 });
        const again = await send({ method: 'GET', url: `${path}?project=shop&v=${v}` });
        expect(again).toMatchObject({ status: 304, body: '' });
        expect((await send({ method: 'GET', url: `${path}?project=shop&v=old` })).status).toBe(200);
      },
    );

    it.each([
      '/config/Android.conf',
      '/config/Android.conf?project=nix',
      '/config/visualized/Android.conf?project=shop',
      '/config/visualized/Web.conf?project=shop',
      '/Android.conf?project=shop',
      '/config/encryption-keys.json?project=nix',
      '/x/encryption-keys.json?project=shop',
    ])('answer %s with 404, and SDKs stop asking', async (url) => {
      expect((await send({ method: 'GET', url })).status).toBe(404);
    });

    it('answer 205 while the database is away, and SDKs ask again', async () => {
      configs.failure = new Error('connection refused');
      expect((await send({ method: 'GET', url: '/config/iOS.conf?project=shop' })).status).toBe(205);
      const keys = await send({ method: 'GET', url: '/config/encryption-keys.json?project=shop' });
      expect(keys).toMatchObject({ status: 503, body: '' });
      configs.failure = null;
      expect((await send({ method: 'GET', url: '/config/iOS.conf?project=shop' })).status).toBe(200);
    });

    it('give everyone the public keys of a project', async () => {
      const answer = await send({ method: 'GET', url: '/x/config/encryption-keys.json?project=shop' });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(JSON.parse(answer.body)).toEqual({ keys: [{ public_key: 'MII=', pkv: 2, type: 'RSA+AES' }] });
    });
  });

  describe('for debugging', () => {
    it.each([
      ['stores and answers what it found', {}, 1],
      ['stores what says Dry-Run: false', { 'dry-run': 'false' }, 1],
      ['stores nothing in a dry run', { 'dry-run': 'true' }, 0],
    ])('%s', async (_name, headers, stored) => {
      const answer = await send({
        method: 'POST',
        url: '/x/debug',
        headers,
        payload: Buffer.from('data=YQ'),
      });
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ valid: true, stored: stored === 1, errors: [] });
      expect(journal.envelopes).toHaveLength(stored);
    });

    it.each([
      ['/debug', 'no_payload'],
      ['/debug?project=nix&data=YQ', 'unknown_project'],
      ['/debug?project=shop&data=YQ', 'wrong_token'],
    ])('answers 400 with the reason to %s', async (url, reason) => {
      const answer = await send({ method: 'GET', url, headers: { 'dry-run': 'true' } });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ valid: false, stored: false, errors: [{ reason }] });
      expect(journal.envelopes).toEqual([]);
    });
  });
});
