import { CollectServer, LIMIT_BYTES } from '../../../test/support/collect-server.js';
import { JournalFullError } from '../../journal/contract.js';
import type { Envelope } from '../../kernel/event.js';
import { KEPT_PAYLOAD_BYTES, readRefusal } from '../../kernel/refusal.js';

describe('the addresses that SDKs send to', () => {
  let server: CollectServer;
  let journal: CollectServer['journal'];
  let configs: CollectServer['configs'];
  const send: CollectServer['send'] = (request) => server.send(request);

  beforeEach(async () => {
    server = await CollectServer.start();
    ({ journal, configs } = server);
  });
  afterEach(() => server.stop());

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

  it.each([
    ['from a page that is not on the list', { origin: 'https://evil.example' }],
    ['of an image on such a page', { referer: 'https://evil.example/page' }],
  ])('refuse a request %s, and do not let the page read the answer', async (_name, headers) => {
    const answer = await send({ method: 'GET', url: '/sa?project=shop&token=good&data=YQ', headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(readRefusal(journal.envelopes[0] as Envelope)).toMatchObject({ reason: 'origin_not_allowed' });
  });

  it('take a request from a page that is on the list', async () => {
    const headers = { origin: 'https://shop.example' };
    const answer = await send({ method: 'GET', url: '/sa?project=shop&token=good&data=YQ', headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(journal.envelopes).toMatchObject([{ source: 'sensorsdata', projectId: 7 }]);
  });

  it('answer 413 to a body over the limit of its project', async () => {
    const payload = Buffer.alloc(5_001, 'x');
    const answer = await send({ method: 'POST', url: '/sa?project=shop&token=good', payload });
    expect(answer.status).toBe(413);
  });
});
