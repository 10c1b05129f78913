import { createCipheriv, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';
import { storedEvents } from '../support/stored-events.js';
import { queryClickHouse } from '../support/stores.js';
import { writeMmdb } from '../support/write-mmdb.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const HOUR = 3_600_000;

describe('enriching events', () => {
  let folder: string;
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekindle-mmdb-'));
    await chmod(folder, 0o755);
    const ghent = {
      country: { iso_code: 'BE', names: { en: 'Belgium' } },
      subdivisions: [{ names: { en: 'Flanders' } }],
      city: { names: { en: 'Ghent' } },
    };
    await writeFile(join(folder, 'city.mmdb'), writeMmdb({ '203.0.113.0/24': ghent }));
    const network = { autonomous_system_number: 64_500, autonomous_system_organization: 'Example Net' };
    await writeFile(join(folder, 'asn.mmdb'), writeMmdb({ '203.0.113.0/24': network }));
    rekindle = await startRekindle({
      GEOIP_CITY_FILE: join(folder, 'city.mmdb'),
      GEOIP_ASN_FILE: join(folder, 'asn.mmdb'),
      TRUSTED_PROXIES: '127.0.0.0/8,198.51.100.0/24',
      COLLECT_LATE_DAYS: '30',
      COLLECT_FUTURE_MINUTES: '5',
    });
    project = await rekindle.newProject();
  });
  afterAll(async () => {
    await rekindle.stop();
    await rm(folder, { recursive: true });
  });

  type Properties = Record<string, unknown>;
  const send = (
    record: unknown,
    {
      path = 'sa',
      ip = '203.0.113.9',
      userAgent = CHROME,
      of = project,
      headers = {} as Record<string, string>,
    } = {},
  ) =>
    fetch(`${rekindle.url}/${path}?project=${of.slug}`, {
      method: 'POST',
      headers: { 'x-forwarded-for': ip, 'user-agent': userAgent, ...headers },
      body: `data=${encodeURIComponent(Buffer.from(JSON.stringify(record)).toString('base64'))}`,
    });
  const byWeb = (distinctId: string, properties: Properties, time = Date.now()) => ({
    ...track(distinctId, '$pageview', properties, time),
    lib: { $lib: 'js', $lib_version: '1.27.11', $lib_method: 'autoTrack' },
  });
  const userOf = async (distinctId: string) => {
    const users = await project.api(
      'GET',
      `users?identity=${encodeURIComponent(`$identity_anonymous_id:${distinctId}`)}`,
    );
    return users.json.items[0]?.id as string | undefined;
  };
  const eventsOf = (distinctId: string, count = 1) =>
    waitFor(async () => {
      const { json } = await project.api('GET', `users/${await userOf(distinctId)}/timeline`);
      return json.items.length >= count ? (json.items as { properties: Properties }[]) : null;
    });
  const propertiesOf = async (distinctId: string) => (await eventsOf(distinctId))[0]?.properties ?? {};
  const profileOf = async (distinctId: string) =>
    ((await project.api('GET', `users/${await userOf(distinctId)}`)).json.properties ?? {}) as Properties;

  it('tells of a page view with a campaign where, with what and from where the user came, and keeps it in the profile', async () => {
    const time = Date.now() - HOUR;
    const $url = 'https://shop.example.com/tea?utm_source=news&utm_medium=email&utm_campaign=spring';
    await send(byWeb('web-1', { $url, $referrer: '' }, time));
    expect(await propertiesOf('web-1')).toMatchObject({
      $ip: '203.0.113.9',
      $country: 'Belgium',
      $province: 'Flanders',
      $city: 'Ghent',
      $country_code: 'BE',
      $asn: 64_500,
      $as_org: 'Example Net',
      $browser: 'Chrome',
      $browser_version: '126.0.0.0',
      $os: 'Windows',
      $os_version: '10',
      $url_host: 'shop.example.com',
      $url_path: '/tea',
      $utm_source: 'news',
      $utm_campaign: 'spring',
      $referrer_class: 'referral',
    });
    const profile = await profileOf('web-1');
    expect(profile).toEqual({
      ...Object.fromEntries(
        ['first', 'latest'].flatMap((place) => [
          [`$${place}_utm_source`, 'news'],
          [`$${place}_utm_medium`, 'email'],
          [`$${place}_utm_campaign`, 'spring'],
          [`$${place}_referrer_class`, 'referral'],
          [`$${place}_landing_page`, $url],
          [`$${place}_touch_time`, new Date(time).toISOString()],
        ]),
      ),
    });
  });

  it('keeps the earliest and the latest touch, whatever their order and however often they are sent', async () => {
    const now = Date.now();
    const at = (hours: number, source: string) =>
      byWeb('web-2', { $url: `https://shop.example.com/?utm_source=${source}` }, now - hours * HOUR);
    const late = at(9, 'first');
    for (const record of [at(5, 'second'), at(1, 'third'), late, at(3, 'between'), late]) await send(record);
    await send(
      byWeb('web-2', { $url: 'https://shop.example.com/a', $referrer: 'https://shop.example.com/' }, now),
    );
    await eventsOf('web-2', 5);
    const expected = { $first_utm_source: 'first', $latest_utm_source: 'third' };
    expect(await profileOf('web-2')).toMatchObject(expected);
    const [row] = await waitFor(async () => {
      const rows = await queryClickHouse<{ properties: Properties }>(
        rekindle,
        `SELECT properties FROM profile FINAL WHERE user_id = ${(await userOf('web-2'))?.slice(4)}`,
      );
      return rows.length > 0 ? rows : null;
    });
    expect(row?.properties).toMatchObject(expected);
  });

  it('keeps the touches of a visitor who logs in', async () => {
    await send(byWeb('web-3', { $referrer: 'https://www.google.com/', $url: 'https://shop.example.com/' }));
    await send({ ...byWeb('login-3', {}), type: 'track_signup', event: '$SignUp', original_id: 'web-3' });
    await send(profileSet('login-3', { name: 'Ada' }));
    await waitFor(async () => (await profileOf('web-3'))['name'] === 'Ada');
    expect(await profileOf('web-3')).toMatchObject({
      name: 'Ada',
      $first_referrer_host: 'www.google.com',
      $first_referrer_class: 'search',
      $latest_landing_page: 'https://shop.example.com/',
    });
  });

  it.each([
    ['the nearest address that is no trusted proxy', '9.9.9.9, 203.0.113.20, 198.51.100.7', '203.0.113.20'],
    ['a trusted proxy itself', '198.51.100.8', '198.51.100.8'],
  ])('takes for the address of the client %s', async (name, ip, expected) => {
    await send(byWeb(`proxied ${name}`, {}), { ip });
    expect(await propertiesOf(`proxied ${name}`)).toMatchObject({ $ip: expected });
  });

  it('locates no server, but the user of whom it tells the address', async () => {
    await send(track('srv-1', 'Paid'), { userAgent: 'SensorsAnalytics Node SDK' });
    await send(track('srv-2', 'Paid', { $ip: '203.0.113.77' }), {
      userAgent: 'SensorsAnalytics Node SDK',
      ip: '203.0.113.1',
    });
    const own = await propertiesOf('srv-1');
    expect(own).toMatchObject({ $ip: '203.0.113.9' });
    expect(own).not.toHaveProperty('$city');
    expect(own).not.toHaveProperty('$is_bot');
    expect(await propertiesOf('srv-2')).toMatchObject({ $ip: '203.0.113.77', $city: 'Ghent' });
  });

  it('flags a bot and stores its event', async () => {
    await send(byWeb('bot-1', { $url: 'https://shop.example.com/' }), { userAgent: GOOGLEBOT });
    expect(await propertiesOf('bot-1')).toMatchObject({ $is_bot: true, $url_host: 'shop.example.com' });
  });

  it('keeps to the window for late and future records of the installation', async () => {
    const { time_free: _free, ...record } = byWeb('late-1', {}) as Record<string, unknown>;
    await send({ ...record, time: Date.now() - 31 * 24 * HOUR, _track_id: 1 });
    await send({ ...record, time: Date.now() + 6 * 60_000, _track_id: 2 });
    await send({ ...record, time: Date.now() - 29 * 24 * HOUR, _track_id: 3 });
    await eventsOf('late-1');
    const reasonsOf = async (of: TestProject) =>
      (await of.api('GET', 'dead-letters')).json.items.map(({ reason, detail }: Properties) => [
        reason,
        detail,
      ]);
    expect(await reasonsOf(project)).toEqual([
      ['time_too_far_ahead', 'The time is more than 5 minutes after the moment of receiving.'],
      ['time_too_old', 'The time is more than 30 days before the moment of receiving.'],
    ]);
  });

  it('keeps to the window of a project that has one, and takes what was late when it is widened', async () => {
    const strict = await rekindle.newProject();
    const rules = { allowedOrigins: [], bodyLimitBytes: null };
    await strict.api('PUT', 'collect-rules', { ...rules, lateDays: 2, futureMinutes: 60 });
    const { time_free: _free, ...record } = byWeb('late-2', {}) as Record<string, unknown>;
    const sendAt = (offsetMs: number, id: number) =>
      send({ ...record, time: Date.now() + offsetMs, _track_id: id }, { of: strict });
    const letters = () =>
      waitFor(async () => {
        const { items } = (await strict.api('GET', 'dead-letters')).json;
        return items.length > 0 ? (items as { id: string; reason: string; detail: string }[]) : null;
      });
    await sendAt(6 * 60_000, 1);
    await sendAt(-3 * 24 * HOUR, 2);
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      reason: 'time_too_old',
      detail: 'The time is more than 2 days before the moment of receiving.',
    });
    const widened = { ...rules, lateDays: 10, futureMinutes: null };
    expect((await strict.api('PUT', 'collect-rules', widened)).json).toEqual(widened);
    expect((await strict.api('POST', `dead-letters/${letter?.id}/replay`, {})).status).toBe(202);
    expect(await storedEvents(strict, '$identity_anonymous_id:late-2', 2)).toHaveLength(2);
  });

  describe('by definitions of the project', () => {
    const sku = {
      source: '$url',
      target: 'sku',
      steps: [{ op: 'url_parameter', name: 'sku' }, { op: 'lower_case' }],
    };

    it('derives properties of events and profiles, in order, and decrypts', async () => {
      const key = randomBytes(32);
      const made = await project.api('POST', 'derived-properties', sku);
      expect(made).toMatchObject({ status: 201, json: { ...sku, scope: 'event', position: 100 } });
      const brand = {
        source: 'sku',
        target: 'brand',
        position: 200,
        steps: [{ op: 'regex', pattern: '^([a-z]+)-', group: 1 }],
      };
      const phone = {
        scope: 'profile',
        source: 'sealed',
        target: 'phone',
        steps: [{ op: 'decrypt', cipher: 'aes-256-cbc', secretKey: key.toString('base64') }],
      };
      expect((await project.api('POST', 'derived-properties', brand)).status).toBe(201);
      expect((await project.api('POST', 'derived-properties', phone)).status).toBe(201);
      const iv = randomBytes(16);
      const ciphering = createCipheriv('aes-256-cbc', key, iv);
      const sealed = Buffer.concat([iv, ciphering.update('+32 9 000 00 00'), ciphering.final()]).toString(
        'base64',
      );
      await send(byWeb('derived-1', { $url: 'https://shop.example.com/?sku=ACME-7' }));
      await send(profileSet('derived-1', { sealed }));
      expect(await propertiesOf('derived-1')).toMatchObject({ sku: 'acme-7', brand: 'acme' });
      expect(await waitFor(async () => (await profileOf('derived-1'))['phone'])).toBe('+32 9 000 00 00');
    });

    it('tells nothing of it to developers, who may be anyone', async () => {
      const record = byWeb('dry-1', { $ip: '203.0.113.9', $url: 'https://shop.example.com/?sku=ACME-7' });
      const answer = await send(record, { path: 'debug', headers: { 'dry-run': 'true' } });
      const { records, enriched } = (await answer.json()) as Record<string, { properties: Properties }[]>;
      expect(records?.[0]?.properties).not.toHaveProperty('$city');
      expect(enriched?.[0]?.properties).toMatchObject({ $city: 'Ghent', $url_host: 'shop.example.com' });
      expect(enriched?.[0]?.properties).not.toHaveProperty('sku');
    });

    it('shows no key, in no answer and not in the audit log', async () => {
      const list = await project.api('GET', 'derived-properties');
      expect(list.json.items.map(({ target }: { target: string }) => target)).toEqual([
        'sku',
        'phone',
        'brand',
      ]);
      expect(list.json.items[1].steps).toEqual([{ op: 'decrypt', cipher: 'aes-256-cbc' }]);
      const audit = await project.api('GET', 'audit');
      expect(JSON.stringify(audit.json)).toContain('[redacted]');
    });

    it('changes and removes a definition', async () => {
      const { json } = await project.api('GET', 'derived-properties');
      const [first] = json.items;
      const changed = { ...sku, steps: [{ op: 'url_parameter', name: 'item' }] };
      expect((await project.api('PUT', `derived-properties/${first.id}`, changed)).json).toMatchObject(
        changed,
      );
      await send(byWeb('derived-2', { $url: 'https://shop.example.com/?sku=A&item=B' }));
      expect(await propertiesOf('derived-2')).toMatchObject({ sku: 'B' });
      expect(
        (await project.api('PUT', `derived-properties/${first.id}`, { ...sku, target: 'brand' })).status,
      ).toBe(409);
      expect((await project.api('DELETE', `derived-properties/${first.id}`)).status).toBe(204);
      expect((await project.api('GET', `derived-properties/${first.id}`)).status).toBe(404);
      expect((await project.api('PUT', `derived-properties/${first.id}`, sku)).status).toBe(404);
      await send(byWeb('derived-3', { $url: 'https://shop.example.com/?sku=A&item=B' }));
      expect(await propertiesOf('derived-3')).not.toHaveProperty('sku');
    });

    it('previews a definition on a sample', async () => {
      const properties = { $url: 'https://shop.example.com/?sku=ACME-7' };
      const answer = await project.api('POST', 'derived-properties/preview', { definition: sku, properties });
      expect(answer).toMatchObject({
        status: 200,
        json: {
          value: 'acme-7',
          trace: [
            { op: 'url_parameter', value: 'ACME-7' },
            { op: 'lower_case', value: 'acme-7' },
          ],
          error: null,
        },
      });
    });

    it('names everything that is wrong with a definition, and has one for a target', async () => {
      const wrong = await project.api('POST', 'derived-properties', {
        source: 'no good',
        target: '$city',
        steps: [
          { op: 'regex', pattern: '(a', group: 0 },
          { op: 'decrypt', cipher: 'aes-256-gcm', secretKey: 'c2hvcnQ=' },
          { op: 'eval' },
        ],
      });
      expect(wrong.status).toBe(422);
      const pointers = wrong.json.errors.map(({ pointer }: { pointer: string }) => pointer);
      expect(pointers).toEqual(
        expect.arrayContaining([
          '/source',
          '/target',
          '/steps/0/pattern',
          '/steps/1/secretKey',
          '/steps/2/op',
        ]),
      );
      const brand = { source: 'sku', target: 'brand', steps: [] };
      expect((await project.api('POST', 'derived-properties', brand)).status).toBe(409);
    });

    it('keeps definitions to their project', async () => {
      const other = await rekindle.newProject();
      const { json } = await project.api('GET', 'derived-properties');
      const [{ id }] = json.items;
      expect((await other.api('GET', `derived-properties/${id}`)).status).toBe(404);
      expect((await other.api('DELETE', `derived-properties/${id}`)).status).toBe(404);
      expect((await other.api('GET', 'derived-properties')).json.items).toEqual([]);
    });
  });
});
