import { gzipSync } from 'node:zlib';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';

const LIMIT_BYTES = 200_000;

describe('collecting events', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle({ COLLECT_BODY_LIMIT_BYTES: String(LIMIT_BYTES) });
    project = await rekindle.newProject();
  });
  afterAll(() => rekindle.stop());

  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${rekindle.url}${path}`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
  const base64 = (value: unknown) =>
    encodeURIComponent(Buffer.from(JSON.stringify(value)).toString('base64'));
  const packed = (value: unknown) => encodeURIComponent(gzipSync(JSON.stringify(value)).toString('base64'));
  const timelineOf = async (distinctId: string, key = '$identity_anonymous_id', of = project) => {
    const users = await of.api('GET', `users?identity=${encodeURIComponent(`${key}:${distinctId}`)}`);
    const userId = users.json.items[0]?.id;
    return userId
      ? ((await of.api('GET', `users/${userId}/timeline`)).json.items as {
          event: string;
          properties: Record<string, unknown>;
        }[])
      : [];
  };
  const eventsOf = (distinctId: string, count: number, key?: string) =>
    waitFor(async () => {
      const events = await timelineOf(distinctId, key);
      return events.length >= count ? events : null;
    });
  const lettersOf = (reason: string, of = project) =>
    waitFor(async () => {
      const { json } = await of.api('GET', `dead-letters?reason=${reason}`);
      return json.items.length > 0 ? json.items : null;
    });

  it.each([
    ['a form with base64', 'application/x-www-form-urlencoded', (r: unknown) => `data=${base64(r)}`],
    ['a packed list', 'application/x-www-form-urlencoded', (r: unknown) => `data_list=${packed([r])}&gzip=1`],
    ['sendBeacon', 'text/plain;charset=UTF-8', (r: unknown) => `data=${base64(r)}&ext=crc%3D1`],
    ['JSON', 'application/json', (r: unknown) => JSON.stringify(r)],
    ['a broken content type', 'nonsense', (r: unknown) => `data_list=${base64([r])}`],
  ])('stores an event that comes as %s', async (name, contentType, toBody) => {
    const id = `via ${name}`;
    const answer = await post(
      `/any/prefix/sa?project=${project.slug}`,
      toBody(track(id, 'Opened', { n: 1 })),
      { 'content-type': contentType },
    );
    expect(answer.status).toBe(200);
    const [event] = await eventsOf(id, 1);
    expect(event).toMatchObject({ event: 'Opened', properties: { n: 1 } });
  });

  it('stores an event that comes with the address of an image', async () => {
    const answer = await fetch(
      `${rekindle.url}/sa.gif?project=${project.slug}&data=${base64(track('pixel', 'Opened'))}`,
    );
    expect(answer.headers.get('content-type')).toBe('image/gif');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect((await answer.arrayBuffer()).byteLength).toBe(43);
    expect(await eventsOf('pixel', 1)).toHaveLength(1);
  });

  it('believes nobody about the address of the client while no proxy is trusted', async () => {
    await post(`/sa?project=${project.slug}`, `data=${base64(track('direct', 'Opened'))}`, {
      'x-forwarded-for': '203.0.113.9',
    });
    expect((await eventsOf('direct', 1))[0]?.properties).toMatchObject({ $ip: '127.0.0.1' });
  });

  it('counts a batch once that is sent twice', async () => {
    const body = `data_list=${packed([track('twice', 'Once'), track('twice', 'Once')])}`;
    await post(`/sa?project=${project.slug}`, body);
    await post(`/sa?project=${project.slug}`, body);
    await post(`/sa?project=${project.slug}`, `data=${base64(track('twice', 'Last'))}`);
    await waitFor(async () => (await timelineOf('twice')).some(({ event }) => event === 'Last'));
    expect(await timelineOf('twice')).toHaveLength(3);
  });

  it('tells a developer at /debug what a request decodes to', async () => {
    const body = `data_list=${packed([track('debugged', 'Opened')])}`;
    const dry = await post(`/debug?project=${project.slug}`, body, { 'dry-run': 'true' });
    expect(dry.status).toBe(200);
    expect(await dry.json()).toMatchObject({
      valid: true,
      stored: false,
      parameters: [{ name: 'data_list', encoding: 'base64+gzip', recordCount: 1 }],
      records: [{ event: 'Opened', distinctId: 'debugged' }],
    });
    const wrong = await post(`/debug?project=${project.slug}`, `data=${base64(track('', 'Opened'))}`, {
      'dry-run': 'true',
    });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ valid: false, errors: [{ reason: 'missing_distinct_id' }] });
  });

  it('keeps a bad record as a dead letter, beside the good ones of its request', async () => {
    await post(
      `/sa?project=${project.slug}`,
      `data_list=${packed([track('good', 'Opened'), track('bad', 'no good')])}`,
    );
    expect(await eventsOf('good', 1)).toHaveLength(1);
    const [letter] = await lettersOf('invalid_name');
    expect(JSON.parse(letter.payload.content)).toMatchObject({ distinct_id: 'bad' });
    const one = await project.api('GET', `dead-letters/${letter.id}`);
    expect(one.json).toMatchObject({
      id: letter.id,
      source: 'sensorsdata',
      payload: { encoding: 'text', isCut: false },
    });
    expect((await project.api('GET', 'dead-letters?contains=no%20good')).json.items).toHaveLength(1);
    expect((await project.api('GET', 'dead-letters?contains=nowhere')).json.items).toHaveLength(0);
    expect((await project.api('DELETE', `dead-letters/${letter.id}`)).status).toBe(204);
    expect((await project.api('GET', `dead-letters/${letter.id}`)).status).toBe(404);
  });

  it('refuses a wrong token with 200, and stores the request when a person replays it', async () => {
    const guarded = await rekindle.newProject();
    const { token } = (await guarded.api('POST', 'collect-tokens', { name: 'web' })).json;
    const record = track('late', 'Opened');
    // Tokens are known everywhere within five seconds.
    await waitFor(async () => {
      const answer = await post(`/debug?project=${guarded.slug}&token=bad`, `data=${base64(record)}`, {
        'dry-run': 'true',
      });
      return answer.status === 400;
    });
    expect((await post(`/sa?project=${guarded.slug}&token=bad`, `data=${base64(record)}`)).status).toBe(200);
    const [letter] = await lettersOf('wrong_token', guarded);
    expect((await guarded.api('POST', `dead-letters/${letter.id}/replay`, {})).status).toBe(409);
    const replayed = await guarded.api('POST', `dead-letters/${letter.id}/replay`, { intoThisProject: true });
    expect(replayed).toMatchObject({ status: 202, json: { id: letter.id, replayed: true } });
    await waitFor(async () => (await timelineOf('late', undefined, guarded)).length === 1);
    expect((await guarded.api('GET', 'dead-letters')).json.items).toEqual([]);
    await post(`/sa?project=${guarded.slug}&token=${token}`, `data=${base64(track('late', 'Closed'))}`);
    await waitFor(async () => (await timelineOf('late', undefined, guarded)).length === 2);
  });

  it('shows a request for an unknown project under the default project, and under no other', async () => {
    const slug = `typo-${Date.now()}`;
    expect((await post(`/sa?project=${slug}`, `data=${base64(track('lost', 'Opened'))}`)).status).toBe(200);
    const letter = await waitFor(async () => {
      const { json } = await rekindle.api('GET', 'projects/default/dead-letters?reason=unknown_project');
      return json.items.find(({ detail }: { detail: string }) => detail.includes(slug));
    });
    expect(letter.source).toBe('sensorsdata');
    expect((await project.api('GET', 'dead-letters?reason=unknown_project')).json.items).toEqual([]);
  });

  it('answers 413 to a body over the limit, keeps its beginning, and replays nothing of it', async () => {
    const answer = await post(`/sa?project=${project.slug}`, Buffer.alloc(LIMIT_BYTES + 1, 'x'));
    expect(answer.status).toBe(413);
    const [letter] = await lettersOf('inflated_too_large');
    expect(letter.payload).toMatchObject({ isCut: true, bytes: 65_536 });
    expect((await project.api('POST', `dead-letters/${letter.id}/replay`, {})).status).toBe(409);
  });

  it.each([
    ['GET', '/api/v1/nothing'],
    ['GET', '/health/nothing'],
    ['POST', '/somewhere/else'],
  ])('leaves %s %s to the rest of the service', async (method, path) => {
    const answer = await fetch(`${rekindle.url}${path}`, { method });
    expect(answer.status).toBe(404);
  });

  it('survives whatever is sent, and goes on', async () => {
    const bodies = [
      Buffer.from([0x1f, 0x8b, 0xff, 0, 1]),
      Buffer.from(`data_list=${packed('x'.repeat(40 * 1024 * 1024))}`),
      Buffer.from(`{"type":"nope","a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
      Buffer.from(`data=${base64([1, null, [], {}])}`),
      Buffer.from(
        `data=${base64({ ...track('nul', 'Opened', { a: 'x\u0000y\ud800' }), identities: { $identity_email: 'a\u0000' } })}`,
      ),
    ];
    for (const body of bodies) expect((await post(`/sa?project=${project.slug}`, body)).status).toBe(200);
    await post(`/sa?project=${project.slug}`, `data=${base64(track('after', 'Opened'))}`);
    expect(await eventsOf('after', 1)).toHaveLength(1);
    expect((await eventsOf('nul', 1))[0]?.properties['a']).toBe('x\uFFFDy\uFFFD');
  });
});
