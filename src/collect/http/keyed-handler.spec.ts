import { gzipSync } from 'node:zlib';
import { CollectServer, LIMIT_BYTES } from '../../../test/support/collect-server.js';
import { JournalFullError } from '../../journal/contract.js';
import type { Envelope } from '../../kernel/event.js';
import { readRefusal } from '../../kernel/refusal.js';

describe('the addresses that clients with a key send to', () => {
  let server: CollectServer;
  let journal: CollectServer['journal'];
  const send: CollectServer['send'] = (request) => server.send(request);

  beforeEach(async () => {
    server = await CollectServer.start();
    journal = server.journal;
  });
  afterEach(() => server.stop());

  describe('for clients of Segment', () => {
    const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
    const call = (change: object) => Buffer.from(JSON.stringify({ userId: 'u', event: 'A', ...change }));

    it.each([
      ['the user name of HTTP Basic', '/v1/track', basic('good'), {}],
      ['a bearer token', '/v1/t', { authorization: 'Bearer good' }, {}],
      ['the body', '/v1/track', {}, { writeKey: 'good' }],
      ['the body of a batch', '/v1/batch', {}, { writeKey: 'good', batch: [] }],
      ['an address with a slash at its end', '/v1/import/', basic('good'), { batch: [] }],
    ])('take the write key from %s', async (_name, url, headers, change) => {
      const answer = await send({ method: 'POST', url, headers, payload: call(change) });
      expect(answer).toMatchObject({ status: 200, body: '{"success":true}' });
      expect(journal.envelopes).toMatchObject([{ source: 'segment', projectId: 7 }]);
    });

    it('take the slug of a project without tokens for its write key', async () => {
      await send({ method: 'POST', url: '/v1/track', headers: basic('default'), payload: call({}) });
      expect(journal.envelopes).toMatchObject([{ source: 'segment', projectId: 1 }]);
    });

    it.each([
      ['/v1/track', {}, { type: 'track' }],
      ['/v1/p', {}, { type: 'page' }],
      ['/v1/s', { type: 'track' }, { type: 'track' }],
    ])('write what %s tells into a body with %j', async (url, change, expected) => {
      await send({ method: 'POST', url, headers: basic('good'), payload: call(change) });
      expect(JSON.parse(String(journal.envelopes[0]?.body))).toMatchObject({ ...expected, userId: 'u' });
    });

    it('keep a packed body as it came', async () => {
      const payload = gzipSync('{"batch":[]}');
      await send({ method: 'POST', url: '/v1/batch', headers: basic('good'), payload });
      expect(journal.envelopes[0]?.body.equals(payload)).toBe(true);
    });

    it.each([
      [
        'a key that nobody has',
        '/v1/track',
        basic('nobody'),
        '{}',
        401,
        'No project has this key.',
        'wrong_token',
      ],
      ['no key', '/v1/track', {}, '{}', 401, 'The request has no key.', 'wrong_token'],
      [
        'an API key that may not collect',
        '/v1/track',
        basic('rk_viewer'),
        '{}',
        401,
        'No project has this key.',
        'wrong_token',
      ],
      ['broken JSON', '/v1/track', basic('good'), '{', 400, 'The body is not a JSON object.', 'invalid_json'],
      [
        'broken JSON without a key',
        '/v1/track',
        {},
        '{',
        400,
        'The body is not a JSON object.',
        'invalid_json',
      ],
      ['nothing', '/v1/track', basic('good'), '', 400, 'The body is empty.', 'no_payload'],
      [
        'a batch without its list',
        '/v1/b',
        basic('good'),
        '{}',
        400,
        'The body has no list named batch.',
        'not_a_record',
      ],
      [
        'broken gzip',
        '/v1/b',
        basic('good'),
        '\u001f\u008b',
        400,
        'The gzip data is broken (Z_BUF_ERROR).',
        'undecodable_gzip',
      ],
    ])('refuse %s', async (_name, url, headers, body, status, message, reason) => {
      const answer = await send({ method: 'POST', url, headers, payload: Buffer.from(body, 'latin1') });
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body)).toEqual({ success: false, message });
      expect(readRefusal(journal.envelopes[0] as Envelope)).toMatchObject({ reason, source: 'segment' });
    });

    it.each([
      ['of a page that is not on the list', { origin: 'https://evil.example' }, 10, 403],
      ['over the limit of the project', {}, 5_001, 413],
      ['over the limit of the installation', {}, LIMIT_BYTES + 1, 413],
    ])('refuse a body %s', async (_name, headers, length, status) => {
      const payload = Buffer.from(JSON.stringify({ a: 'x'.repeat(length) }));
      const answer = await send({
        method: 'POST',
        url: '/v1/track',
        headers: { ...basic('good'), ...headers },
        payload,
      });
      expect(answer.status).toBe(status);
    });

    it('make the client keep its batch on a full journal', async () => {
      journal.failure = new JournalFullError(9);
      const answer = await send({
        method: 'POST',
        url: '/v1/track',
        headers: basic('good'),
        payload: call({}),
      });
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('9');
    });

    it('answer the preflight of a browser', async () => {
      const answer = await send({ method: 'OPTIONS', url: '/v1/t' });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-headers')).toContain('authorization');
    });
  });

  describe('for plain JSON', () => {
    const post = (body: string, headers: Record<string, string> = {}, query = '') =>
      send({
        method: 'POST',
        url: `/v1/events${query}`,
        headers: { authorization: 'Bearer good', ...headers },
        payload: Buffer.from(body),
      });

    it('tell of each record what became of it', async () => {
      const answer = await post('half');
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({
        accepted: 2,
        rejected: [{ index: 0, pointer: '/event', code: 'missing_event_name', detail: 'No event.' }],
      });
      expect(journal.envelopes).toMatchObject([{ source: 'json', projectId: 7, query: '' }]);
    });

    it('answer 422 where no record can be stored, and keep the request for its dead letters', async () => {
      const answer = await post('bad');
      expect(answer.status).toBe(422);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(JSON.parse(answer.body)).toMatchObject({
        code: 'invalid_request',
        accepted: 0,
        rejected: [{ index: 0 }],
      });
      expect(journal.envelopes).toMatchObject([{ source: 'json' }]);
    });

    it('answer 400 where the request cannot be read', async () => {
      const answer = await post('broken');
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({
        code: 'malformed_request',
        detail: 'No JSON.',
      });
      expect(readRefusal(journal.envelopes[0] as Envelope)).toMatchObject({ reason: 'invalid_json' });
    });

    it('keep the Idempotency-Key with the request', async () => {
      await post('{}', { 'idempotency-key': 'a&b=c' }, '?remark=beta');
      expect(new URLSearchParams(journal.envelopes[0]?.query).get('idempotency-key')).toBe('a&b=c');
      expect(new URLSearchParams(journal.envelopes[0]?.query).get('remark')).toBe('beta');
      expect((await post('{}', { 'idempotency-key': 'x'.repeat(201) })).status).toBe(400);
    });

    it.each([
      ['an API key that may collect', 'Bearer rk_collect', '?project=shop', 200, 7],
      ['such a key, which stands for the default project', 'Bearer rk_collect', '', 200, 1],
      ['a token in the query', '', '?token=good', 200, 7],
      ['no key for a project without tokens', '', '?project=default', 200, 1],
      ['no key for a project with tokens', '', '?project=shop', 401, 1],
      ['no key and no project', '', '', 401, 1],
      ['an API key that may only read', 'Bearer rk_viewer', '?project=shop', 401, 1],
      ['a token with the project of another', 'Bearer good', '?project=default', 401, 1],
    ])('answer %s', async (_name, authorization, query, status, projectId) => {
      const answer = await post('{}', { authorization }, query);
      expect(answer.status).toBe(status);
      expect(journal.envelopes).toMatchObject([{ projectId }]);
      if (status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    });
  });
});
