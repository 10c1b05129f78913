import { gzipSync } from 'node:zlib';
import { Analytics, type AnalyticsSettings } from '@segment/analytics-node';
import { type Rekindle, startRekindle, type TestProject, waitFor } from '../support/rekindle.js';

/** The parts of an answer that the tests look into. */
interface Shown {
  id: string;
  properties: Record<string, unknown>;
  identities: Record<string, string[]>;
}
interface ShownEvent {
  event: string;
  time: string;
  properties: Record<string, unknown>;
}

describe('APIs for events', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let token: string;

  beforeAll(async () => {
    rekindle = await startRekindle({ COLLECT_BODY_LIMIT_BYTES: '200000' });
    project = await rekindle.newProject();
    token = await newToken(project);
  });
  afterAll(() => rekindle.stop());

  const newToken = async (of: TestProject) =>
    (await of.api('POST', 'collect-tokens', { name: 'web' })).json.token as string;
  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${rekindle.url}${path}`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
  const postEvents = async (body: unknown, headers: Record<string, string> = {}, query = '') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await post(`/v1/events${query}`, text, { authorization: `Bearer ${token}`, ...headers });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  const findUser = async (identity: string, of = project): Promise<Shown | undefined> => {
    const found = (await of.api('GET', `users?identity=${encodeURIComponent(identity)}`)).json.items[0];
    return found && (await of.api('GET', `users/${found.id}`)).json;
  };
  const timelineOf = async (identity: string, of = project): Promise<ShownEvent[]> => {
    const user = await findUser(identity, of);
    return user ? (await of.api('GET', `users/${user.id}/timeline`)).json.items : [];
  };
  const eventsOf = (identity: string, count: number, of = project) =>
    waitFor(async () => {
      const events = await timelineOf(identity, of);
      return events.length >= count ? events : null;
    });
  const lettersOf = (reason: string, of = project) =>
    waitFor(async () => {
      const { json } = await of.api('GET', `dead-letters?reason=${reason}`);
      return json.items.length > 0 ? json.items : null;
    });

  describe('of Segment', () => {
    const failures: unknown[] = [];
    const newClient = (settings: Partial<AnalyticsSettings> = {}) => {
      const client = new Analytics({ writeKey: token, host: rekindle.url, ...settings });
      client.on('error', (error) => failures.push(error));
      return client;
    };

    it('take every call of the client library for Node', async () => {
      const client = newClient();
      client.track({
        anonymousId: 'seg-device',
        event: 'Product Viewed',
        properties: { sku: 'a', 'list price': 9.5, dimensions: { width: 2 } },
        context: {
          locale: 'de-BE',
          campaign: { source: 'mail', medium: 'email', name: 'spring', term: '', content: '' },
        },
      });
      client.page({
        anonymousId: 'seg-device',
        name: 'Cart',
        properties: { url: 'https://shop.example/cart', path: '/cart' },
      });
      client.identify({
        anonymousId: 'seg-device',
        userId: 'seg-user',
        traits: { email: 'ada@example.com', plan: 'pro' },
      });
      client.screen({ userId: 'seg-user', name: 'Home' });
      client.group({ userId: 'seg-user', groupId: 'acme', traits: { name: 'Acme' } });
      client.track({ userId: 'seg-user', event: 'Order Completed', properties: { revenue: 42 } });
      client.alias({ previousId: 'seg-old', userId: 'seg-user' });
      await client.flush({ close: true });
      expect(failures).toEqual([]);

      const events = await eventsOf('$identity_login_id:seg-user', 6);
      expect(events.map(({ event }) => event).sort()).toEqual([
        '$AppViewScreen',
        '$Identify',
        '$Identify',
        '$pageview',
        'Order Completed',
        'Product Viewed',
      ]);
      expect(events.find(({ event }) => event === 'Product Viewed')?.properties).toMatchObject({
        sku: 'a',
        list_price: 9.5,
        dimensions: '{"width":2}',
        $language: 'de-BE',
        $utm_source: 'mail',
        $utm_campaign: 'spring',
        $lib: '@segment/analytics-node',
      });
      expect(events.find(({ event }) => event === '$pageview')?.properties).toMatchObject({
        name: 'Cart',
        $url: 'https://shop.example/cart',
      });
      const user = await waitFor(async () => {
        const found = await findUser('$identity_login_id:seg-user');
        return found?.properties['$group_id'] ? found : null;
      });
      expect(user.properties).toMatchObject({
        email: 'ada@example.com',
        plan: 'pro',
        $group_id: 'acme',
        $group_name: 'Acme',
      });
      expect(user.identities['$identity_anonymous_id']).toEqual(
        expect.arrayContaining(['seg-device', 'seg-old']),
      );
    });

    it('take what a browser sends: one call as text, its key in the body, its clock an hour behind', async () => {
      const sentAt = Date.now() - 3_600_000;
      const call = {
        type: 'page',
        anonymousId: 'seg-browser',
        messageId: 'ajs-1',
        writeKey: token,
        timestamp: new Date(sentAt - 1_000).toISOString(),
        sentAt: new Date(sentAt).toISOString(),
        properties: { title: 'Start' },
        context: { userAgent: 'Mozilla/5.0', library: { name: 'analytics.js', version: 'next-1.84.3' } },
      };
      const headers = { 'content-type': 'text/plain', origin: 'https://shop.example' };
      for (let i = 0; i < 2; i++) {
        const answer = await post('/v1/p', JSON.stringify(call), headers);
        expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
        expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      }
      await post(
        '/v1/t',
        JSON.stringify({ ...call, type: 'track', event: 'Last', messageId: 'ajs-2' }),
        headers,
      );
      const events = await eventsOf('$identity_anonymous_id:seg-browser', 2);
      expect(events.map(({ event }) => event).sort()).toEqual(['$pageview', 'Last']);
      expect(events.find(({ event }) => event === '$pageview')?.properties).toMatchObject({
        $title: 'Start',
        $ip: '127.0.0.1',
        $lib: 'analytics.js',
      });
      expect(Math.abs(Date.parse(events[0]?.time ?? '') - Date.now())).toBeLessThan(120_000);
    });

    it('take a packed batch at the address of older libraries, and a call whose type its address tells', async () => {
      const authorization = `Basic ${Buffer.from(`${token}:`).toString('base64')}`;
      const batch = [{ type: 'track', userId: 'seg-server', event: '下单 成功', messageId: 'b1' }];
      const packed = gzipSync(JSON.stringify({ batch }));
      expect((await post('/v1/import', packed, { authorization, 'content-encoding': 'gzip' })).status).toBe(
        200,
      );
      const call = JSON.stringify({ userId: 'seg-server', event: 'Second' });
      expect((await post('/v1/track', call, { authorization })).status).toBe(200);
      const events = await eventsOf('$identity_login_id:seg-server', 2);
      expect(events.map(({ event }) => event).sort()).toEqual(['Second', '下单 成功']);
    });

    it('tell the client library of a wrong key, and keep its batch as a dead letter that can be replayed', async () => {
      const errors: unknown[] = [];
      const client = new Analytics({ writeKey: 'nobody-has-this', host: rekindle.url });
      client.on('error', (error) => errors.push(error));
      client.track({ userId: 'seg-lost', event: 'Lost' });
      await client.flush({ close: true });
      expect(errors).toMatchObject([{ code: 'delivery_failure' }]);
      const letter = await waitFor(async () => {
        const { json } = await rekindle.api('GET', 'projects/default/dead-letters?source=segment');
        return json.items[0];
      });
      expect(letter).toMatchObject({ reason: 'wrong_token', detail: 'No project has this key.' });
      const path = `projects/default/dead-letters/${letter.id}/replay`;
      expect((await rekindle.api('POST', path, {})).status).toBe(409);
      expect((await rekindle.api('POST', path, { intoThisProject: true })).status).toBe(202);
      const events = await eventsOf('$identity_login_id:seg-lost', 1, {
        ...project,
        api: (method, below, body) => rekindle.api(method, `projects/default/${below}`, body),
      });
      expect(events[0]?.event).toBe('Lost');
    });

    it('keep a bad call as a dead letter beside the good ones of its batch', async () => {
      const client = newClient();
      client.track({ userId: 'seg-good', event: 'Good' });
      client.track({ userId: 'seg-good', event: 'x'.repeat(101) });
      await client.flush({ close: true });
      expect(failures).toEqual([]);
      await eventsOf('$identity_login_id:seg-good', 1);
      const [letter] = await lettersOf('invalid_name');
      expect(letter).toMatchObject({ source: 'segment' });
    });
  });

  describe('as plain JSON', () => {
    it('store what is good, and tell what is not', async () => {
      const { status, json } = await postEvents(
        {
          remark: 'beta',
          events: [
            { event: 'Order Completed', user_id: 'plain', properties: { amount: 42 } },
            { event: 'Order Completed', properties: {} },
            { type: 'profile_set', user_id: 'plain', properties: { city: 'Ghent' } },
            { event: 'Order Completed', user_id: 'plain', time: 'yesterday' },
          ],
        },
        { 'idempotency-key': 'first' },
      );
      expect({ status, ...json }).toEqual({
        status: 200,
        accepted: 2,
        rejected: [
          { index: 1, pointer: '/events/1', code: 'missing_distinct_id', detail: 'The record names nobody.' },
          {
            index: 3,
            pointer: '/events/3/time',
            code: 'invalid_time',
            detail: expect.stringContaining('ISO 8601'),
          },
        ],
      });
      const [event] = await eventsOf('$identity_login_id:plain', 1);
      expect(event).toMatchObject({ event: 'Order Completed', properties: { amount: 42, $remark: 'beta' } });
      await waitFor(async () => (await findUser('$identity_login_id:plain'))?.properties['city'] === 'Ghent');
      expect(await lettersOf('missing_distinct_id')).toMatchObject([{ source: 'json' }]);
    });

    it('count a request once that is sent again with its Idempotency-Key', async () => {
      const twins = [
        { event: 'Twin', user_id: 'again' },
        { event: 'Twin', user_id: 'again' },
      ];
      for (let i = 0; i < 3; i++) {
        expect((await postEvents(twins, { 'idempotency-key': 'again' })).json).toMatchObject({ accepted: 2 });
      }
      await postEvents({ event: 'Last', user_id: 'again' });
      await waitFor(async () =>
        (await timelineOf('$identity_login_id:again')).some(({ event }) => event === 'Last'),
      );
      expect(await timelineOf('$identity_login_id:again')).toHaveLength(3);
    });

    it('take one record a line, packed', async () => {
      const lines = [1, 2, 3].map((n) =>
        JSON.stringify({ event: 'Line', user_id: 'lines', event_id: `l${n}` }),
      );
      const answer = await post('/v1/events', gzipSync(lines.join('\n')), {
        authorization: `Bearer ${token}`,
      });
      expect(await answer.json()).toEqual({ accepted: 3, rejected: [] });
      await eventsOf('$identity_login_id:lines', 3);
    });

    it('join a device with the user who signs in', async () => {
      await postEvents([
        { event: 'Before', distinct_id: 'plain-device' },
        { type: 'identify', user_id: 'plain-login', distinct_id: 'plain-device' },
      ]);
      const events = await eventsOf('$identity_login_id:plain-login', 2);
      expect(events.map(({ event }) => event).sort()).toEqual(['$Identify', 'Before']);
    });

    it.each([
      ['broken JSON', '{"event":', 400, 'malformed_request'],
      ['nothing', '', 400, 'malformed_request'],
      ['an empty list', '[]', 400, 'malformed_request'],
      ['one bad record', '{"event":"A"}', 422, 'invalid_request'],
      ['too many records', `[${new Array(10_001).fill('7').join()}]`, 413, 'body_too_large'],
      ['a body over the limit', 'x'.repeat(200_001), 413, 'body_too_large'],
    ])('answer %s with a problem', async (_name, body, status, code) => {
      const answer = await postEvents(body);
      expect(answer).toMatchObject({ status, json: { status, code } });
    });

    it('want a key that may collect', async () => {
      const keyOf = async (scopes: string[]) =>
        (await project.api('POST', 'keys', { name: scopes.join(), scopes })).json.apiKey as string;
      const body = { event: 'Keyed', user_id: 'keyed' };
      const withKey = (key: string, query = '') =>
        postEvents(body, key === '' ? { authorization: '' } : { authorization: `Bearer ${key}` }, query);
      expect((await withKey(await keyOf(['collect']))).status).toBe(200);
      expect((await withKey(rekindle.adminKey, `?project=${project.slug}`)).status).toBe(200);
      expect((await withKey(await keyOf(['viewer']))).status).toBe(401);
      expect((await withKey(await keyOf(['collect']), '?project=default')).status).toBe(401);
      expect((await withKey('')).status).toBe(401);
      expect((await withKey('', `?project=${project.slug}`)).status).toBe(401);
      expect((await withKey('', '?project=default')).status).toBe(200);
    });
  });

  it('give names with spaces and of any script to segments and triggers', async () => {
    const rule = {
      version: 1,
      on: { event: '下单 成功' },
      unless: { event: 'Order Completed', within: { seconds: 60 } },
      actions: [{ type: 'webhook', url: 'https://hooks.example.com/x', body: {} }],
    };
    const made = await project.api('POST', 'triggers', { name: 'spaces', rule });
    expect(made.status).toBe(201);
    await postEvents({ event: '下单 成功', user_id: 'spaces', properties: { amount: 7 } });
    await postEvents({ event: 'Order Completed', user_id: 'spaces' });
    await waitFor(async () => {
      const { items } = (await project.api('GET', `triggers/${made.json.id}/decisions`)).json;
      return items.some(({ reason }: { reason: string }) => reason === 'followed_by_event');
    });
    const where = {
      event: '下单 成功',
      where: [{ property: 'amount', op: 'equals', value: 7 }],
      window: { last: { days: 1 } },
      compare: { op: 'at_least', value: 1 },
    };
    const preview = await project.api('POST', 'segments/preview', { definition: { version: 1, where } });
    expect(preview).toMatchObject({ status: 200, json: { warnings: [] } });
    expect(preview.json.sample).toHaveLength(1);
    const user = await findUser('$identity_login_id:spaces');
    const filtered = await project.api(
      'GET',
      `users/${user?.id}/timeline?events=${encodeURIComponent('Order Completed')}`,
    );
    expect(filtered.json.items).toHaveLength(1);
  });

  describe('rules of a project', () => {
    const page = (origin: string) => ({ origin });
    const settled = async (of: TestProject, rules: object) => {
      const answer = await of.api('PUT', 'collect-rules', rules);
      expect(answer).toMatchObject({ status: 200, json: rules });
      expect((await of.api('GET', 'collect-rules')).json).toEqual({
        lateDays: null,
        futureMinutes: null,
        ...rules,
      });
    };

    it('keep pages away that are not on the list', async () => {
      const guarded = await rekindle.newProject();
      await settled(guarded, { allowedOrigins: ['https://shop.example'], bodyLimitBytes: null });
      const record = { type: 'track', event: 'Opened', distinct_id: 'page', time: Date.now() };
      const send = (headers: Record<string, string>) =>
        post(`/sa?project=${guarded.slug}`, JSON.stringify(record), headers);
      const refused = await send(page('https://evil.example'));
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([200, null]);
      const [letter] = await lettersOf('origin_not_allowed', guarded);
      expect(letter.source).toBe('sensorsdata');
      expect((await guarded.api('POST', `dead-letters/${letter.id}/replay`, {})).status).toBe(409);
      const allowed = await send(page('https://shop.example'));
      expect(allowed.headers.get('access-control-allow-origin')).toBe('*');
      expect((await send({})).status).toBe(200);
      const key = await newToken(guarded);
      const events = JSON.stringify({ event: 'A', user_id: 'u' });
      const answer = await post('/v1/events', events, {
        authorization: `Bearer ${key}`,
        ...page('https://evil.example'),
      });
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    });

    it('limit the size of a request', async () => {
      const small = await rekindle.newProject();
      await settled(small, { allowedOrigins: [], bodyLimitBytes: 2_000 });
      const answer = await post(`/sa?project=${small.slug}`, 'x'.repeat(2_001));
      expect(answer.status).toBe(413);
      expect(await lettersOf('inflated_too_large', small)).toHaveLength(1);
    });

    it.each([
      [{ allowedOrigins: ['https://shop.example/path'], bodyLimitBytes: null }, '/allowedOrigins/0'],
      [{ allowedOrigins: ['https://Shop.example'], bodyLimitBytes: null }, '/allowedOrigins/0'],
      [{ allowedOrigins: [], bodyLimitBytes: 200_001 }, '/bodyLimitBytes'],
      [{ allowedOrigins: [], bodyLimitBytes: null, lateDays: 0 }, '/lateDays'],
      [{ allowedOrigins: [], bodyLimitBytes: null, futureMinutes: 525_601 }, '/futureMinutes'],
    ])('refuse %j', async (rules, pointer) => {
      const answer = await project.api('PUT', 'collect-rules', rules);
      expect(answer).toMatchObject({ status: 422, json: { errors: [{ pointer }] } });
    });

    it('list the collect tokens without their text', async () => {
      const { items } = (await project.api('GET', 'collect-tokens')).json;
      expect(items).toEqual([{ name: 'web', createdAt: expect.any(String) }]);
    });
  });
});
