import { newId } from '../../src/kernel/ids.js';
import { type Rekindle, startRekindle, type TestProject } from '../support/rekindle.js';

const PERSON =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1';
const TARGET = 'https://shop.example.org/spring';

describe('links', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject();
  });
  afterAll(() => rekindle.stop());

  const visit = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${rekindle.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { 'user-agent': PERSON, ...headers },
    });
  const create = async (body: Record<string, unknown> = {}) => {
    const made = await project.api('POST', 'links', { targetUrl: TARGET, ...body });
    expect(made.status).toBe(201);
    return made.json;
  };
  const countsOf = async (id: string) => (await project.api('GET', `links/${id}`)).json.counts;

  it('leads on with 302, and nothing on the way keeps the answer', async () => {
    const link = await create({ utm: { source: 'mail' } });
    expect(new URL(link.shortUrl).pathname).toBe(`/t/${link.code}`);
    const answer = await visit(`/t/${link.code}`);
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(`${TARGET}?utm_source=mail`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBeNull();
  });

  it('keeps persons, scans, bots and HEAD requests apart', async () => {
    const link = await create();
    await visit(`/t/${link.code}`);
    await visit(`/t/${link.code}?s=q`);
    for (const headers of [{ 'user-agent': 'Slackbot-LinkExpanding 1.0' }, { 'sec-purpose': 'prefetch' }]) {
      expect((await visit(`/t/${link.code}`, headers)).headers.get('location')).toBe(TARGET);
    }
    expect((await visit(`/t/${link.code}`, {}, 'HEAD')).status).toBe(302);
    expect(await countsOf(link.id)).toEqual({ clicks: 2, uniqueClicks: 1, scans: 1, bots: 2 });
    expect((await project.api('GET', `links/${link.id}`)).json.clickCount).toBe(2);
  });

  it('lets through exactly as many as its limit says, however many come at once', async () => {
    const link = await create({ maxClicks: 7 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => visit(`/t/${link.code}`)));
    expect(answers.filter(({ status }) => status === 302)).toHaveLength(7);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(33);
    expect((await countsOf(link.id)).clicks).toBe(7);
  });

  it.each([
    ['expired', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['disabled', { isDisabled: true }],
  ])('is gone once %s, and tells nobody where it led', async (state, change) => {
    const link = await create();
    expect((await project.api('PATCH', `links/${link.id}`, change)).json.state).toBe(state);
    for (const headers of [{}, { 'user-agent': 'curl/8.1' }]) {
      const answer = await visit(`/t/${link.code}`, headers);
      expect(answer.status).toBe(410);
      expect(`${await answer.text()}${JSON.stringify([...answer.headers])}`).not.toContain(
        'shop.example.org',
      );
    }
    expect((await visit(`/t/${link.code}`, {}, 'HEAD')).status).toBe(410);
  });

  it.each(['nosuchcode', 'a', '%00abc', 'a%2Fb', 'x'.repeat(200)])('answers 404 for %s', async (code) => {
    expect((await visit(`/t/${code}`)).status).toBe(404);
  });

  it('finds a slug however it is written, and gives it away once', async () => {
    await create({ slug: 'Spring-Sale' });
    expect((await visit('/t/SPRING-sale')).status).toBe(302);
    const again = await project.api('POST', 'links', { targetUrl: TARGET, slug: 'spring-SALE' });
    expect(again.status).toBe(409);
    expect(again.json.errors).toEqual([expect.objectContaining({ pointer: '/slug', code: 'slug_taken' })]);
  });

  it('names every wrong field at once', async () => {
    const { shortUrl } = await create();
    const answer = await project.api('POST', 'links/bulk', {
      links: [
        { targetUrl: TARGET },
        { targetUrl: 'javascript:alert(1)', slug: 'API' },
        { targetUrl: shortUrl },
      ],
    });
    expect(answer.status).toBe(422);
    expect(
      answer.json.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    ).toEqual([
      ['/links/1/slug', 'slug_reserved'],
      ['/links/1/targetUrl', 'scheme_not_allowed'],
      ['/links/2/targetUrl', 'own_domain'],
    ]);
  });

  it('makes all links of a bulk request or none', async () => {
    const links = [
      { targetUrl: `${TARGET}/bulk`, slug: 'bulk-one' },
      { targetUrl: `${TARGET}/bulk`, slug: 'BULK-one' },
    ];
    const clash = await project.api('POST', 'links/bulk', { links });
    expect(clash.status).toBe(409);
    expect((await project.api('GET', 'links?search=bulk')).json.items).toEqual([]);
    const made = await project.api('POST', 'links/bulk', {
      links: Array.from({ length: 500 }, (_, i) => ({ targetUrl: `${TARGET}/many/${i}` })),
    });
    expect(made.json.items.map((link: { targetUrl: string }) => link.targetUrl)).toEqual(
      Array.from({ length: 500 }, (_, i) => `${TARGET}/many/${i}`),
    );
  });

  it('gives the same link for the same target to all who ask at once', async () => {
    const body = { targetUrl: `${TARGET}/same`, idempotentByUrl: true };
    const answers = await Promise.all(Array.from({ length: 6 }, () => project.api('POST', 'links', body)));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.filter(({ json }) => json.isNew)).toHaveLength(1);
  });

  it('shows nothing of another project', async () => {
    const link = await create();
    const other = await rekindle.newProject();
    expect((await other.api('GET', `links/${link.id}`)).status).toBe(404);
    expect((await other.api('PATCH', `links/${link.id}`, { isDisabled: true })).status).toBe(404);
    expect((await other.api('GET', 'links')).json.items).toEqual([]);
  });

  it('draws QR codes, which callers may keep', async () => {
    const link = await create();
    const png = await visit(`/qr/${link.code}.png?size=256`);
    const bytes = Buffer.from(await png.arrayBuffer());
    expect([png.status, png.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(bytes.readUInt32BE(16)).toBe(256);
    const etag = png.headers.get('etag') ?? '';
    expect((await visit(`/qr/${link.code}.png?size=256`, { 'if-none-match': etag })).status).toBe(304);
    expect((await visit(`/qr/${link.code}.svg?color=8b0000`)).headers.get('etag')).not.toBe(etag);
    expect((await visit(`/qr/${link.code}.png?size=9999&color=ffffff`)).status).toBe(422);
    expect((await visit('/qr/nosuchcode.png')).status).toBe(404);
  });

  it.each(['/o/nonsense.gif', `/o/1.1.${newId('message')}.abcdefghijklmnopqrstuv.gif`])(
    'answers a pixel that nobody signed with the picture: %s',
    async (path) => {
      const answer = await visit(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/gif']);
      expect((await answer.arrayBuffer()).byteLength).toBe(43);
      expect((await visit(path, {}, 'HEAD')).status).toBe(200);
    },
  );
});
