import 'reflect-metadata';
import pg from 'pg';
import { connectDatabase } from '../../src/app/migrations.js';
import { AttributionService } from '../../src/attribution/attribution.service.js';
import type { CallbackService } from '../../src/attribution/callback.service.js';
import { AdClickRepository } from '../../src/attribution/data/ad-click.repository.js';
import { AdConversionRepository } from '../../src/attribution/data/ad-conversion.repository.js';
import { AdSettingRepository } from '../../src/attribution/data/ad-setting.repository.js';
import type { TrackedRecord } from '../../src/kernel/event.js';
import { SystemClock } from '../../src/platform/clock/clock.js';
import type { Database } from '../../src/platform/db/database.js';
import { Secrets } from '../../src/platform/secrets/secrets.js';
import { OceanEngineStub } from '../support/ocean-engine-stub.js';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';
import { databaseUrlOf, queryClickHouse } from '../support/stores.js';

interface Row {
  id: string;
  [field: string]: unknown;
}

describe('ad attribution', () => {
  const network = new OceanEngineStub();
  let rekindle: Rekindle;
  let project: TestProject;
  let monitoringUrl: string;

  beforeAll(async () => {
    await network.start();
    rekindle = await startRekindle({ OUTBOUND_ALLOW_HOSTS: `127.0.0.1:${network.port}` });
    project = await rekindle.newProject();
    const link = await project.api('POST', 'ad-links', {
      network: 'ocean_engine',
      name: 'spring',
      os: 'android',
    });
    expect(link.status).toBe(201);
    monitoringUrl = link.json.monitoringUrl;
    const settings = await project.api('PUT', 'ad-networks/ocean_engine/settings', {
      callbackBaseUrl: network.url,
    });
    expect(settings.status).toBe(200);
  });
  afterAll(async () => {
    await rekindle.stop();
    await network.stop();
  });

  /** Calls the monitoring link as the network does: every macro replaced or left as it is. */
  const click = async (values: Record<string, string>, url = monitoringUrl) => {
    const filled = url.replaceAll(/__[A-Z0-9_]+__/g, (macro) => encodeURIComponent(values[macro] ?? macro));
    return fetch(filled.replace(/^https?:\/\/[^/]+/, rekindle.url), { redirect: 'manual' });
  };
  const list = async (path: string, of = project): Promise<Row[]> => (await of.api('GET', path)).json.items;
  const conversionOf = (eventType: string, clickId: string) =>
    waitFor(async () =>
      (await list('ad-conversions?limit=500')).find(
        (one) => one.eventType === eventType && one.adClickId === clickId,
      ),
    );
  const callbackOf = (conversionId: unknown, state: string) =>
    waitFor(async () =>
      (await list('ad-callbacks?limit=500')).find(
        (one) => one.conversionId === conversionId && one.state === state,
      ),
    );
  const newestClick = async () => (await list('ad-clicks?limit=1'))[0] as Row;

  it('answers a click as the network expects and keeps it', async () => {
    const answer = await click({
      __CALLBACK_PARAM__: 'kept',
      __OAID__: 'fake-oaid-kept',
      __TS__: String(Date.now()),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await answer.json()).toMatchObject({ code: 0 });
    expect(await newestClick()).toMatchObject({
      network: 'ocean_engine',
      callbackParam: 'kept',
      os: 'android',
      ip: null,
      userAgent: null,
      deviceIds: [{ kind: 'oaid', raw: 'fake-oaid-kept' }],
    });
  });

  it('answers a HEAD with 200 and counts no click', async () => {
    const before = await newestClick();
    const url = monitoringUrl.replace(/^https?:\/\/[^/]+/, rekindle.url);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    expect((await newestClick()).id).toBe(before.id);
  });

  it.each(['/ad/click/unknown-code?oaid=fake-oaid-x', '/ad/click/%F0%9F%98%80', '/ad/click/a?%00=%zz'])(
    'answers %s with 200 and keeps nothing',
    async (path) => {
      const answer = await fetch(rekindle.url + path);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ code: 0, result: 1, success: true, msg: 'success', error: '' });
    },
  );

  it('tells the network of an install once, however often the event comes', async () => {
    await click({
      __CALLBACK_PARAM__: 'install',
      __OAID__: 'fake-oaid-install',
      __IMEI__: '2d1e6a6f1c35e5a0b2d3a8e1c4b5f607',
      __OS__: '0',
      __CAMPAIGN_ID__: '1001',
    });
    const { id: clickId } = await newestClick();
    const install = track('phone-1', '$AppInstall', {
      $channel_device_info: 'android_id=fedcba9876543210##imei=##oaid=FAKE-OAID-INSTALL',
    });
    await rekindle.sendEvents(project.slug, [install, install]);
    await rekindle.sendEvents(project.slug, [install]);
    const conversion = await conversionOf('activate', clickId);
    expect(conversion).toMatchObject({
      matchedBy: 'device_id',
      unattributedReason: null,
      campaignId: '1001',
    });
    const callback = await callbackOf(conversion.id, 'done');
    expect(callback).toMatchObject({
      attempts: 1,
      response: { status: 200, body: '{"code":0,"message":"success"}' },
      request: { method: 'POST', url: `${network.url}/api/v2/conversion` },
    });
    await rekindle.sendEvents(project.slug, [install, track('phone-1', '$AppStart')]);
    const events = await waitFor(async () => {
      const rows = await queryClickHouse<{ event: string; network: string; click: string }>(
        rekindle,
        `SELECT event, toString(properties.network) AS network, toString(properties.ad_click_id) AS click FROM event
         WHERE event IN ('$AdAttributed', '$AdCallbackSent') AND toString(properties.ad_click_id) = '${clickId}'`,
      );
      return rows.length >= 2 ? rows : null;
    });
    expect(events.map(({ event }) => event).sort()).toEqual(['$AdAttributed', '$AdCallbackSent']);
    expect(network.requestsFor('install')).toHaveLength(1);
    expect(network.countedFor('install')).toEqual([
      expect.objectContaining({
        event_type: 'active',
        outer_event_id: conversion.id,
        context: {
          ad: { callback: 'install', match_type: 0 },
          device: {
            platform: 'android',
            oaid: 'fake-oaid-install',
            imei: '2d1e6a6f1c35e5a0b2d3a8e1c4b5f607',
          },
        },
      }),
    ]);
  });

  it('follows the install with sign-up and the first payment', async () => {
    await project.api('PUT', 'ad-event-mapping', {
      register: ['$SignUp', 'Registered'],
      pay: ['PayOrder'],
      payAmountProperty: 'amount',
    });
    await click({ __CALLBACK_PARAM__: 'deep', __OAID__: 'fake-oaid-deep' });
    const { id: clickId } = await newestClick();
    await rekindle.sendEvents(project.slug, [track('phone-2', '$AppStart', { $oaid: 'fake-oaid-deep' })]);
    await conversionOf('activate', clickId);
    await rekindle.sendEvents(project.slug, [
      { ...track('buyer-2', '$SignUp'), type: 'track_signup', original_id: 'phone-2' },
      track('buyer-2', 'PayOrder', { amount: 12.5, $is_login_id: true }),
      track('buyer-2', 'PayOrder', { amount: 99, $is_login_id: true }),
    ]);
    const pay = await conversionOf('pay', clickId);
    expect(pay).toMatchObject({ matchedBy: 'earlier_conversion', amount: 12.5 });
    await conversionOf('register', clickId);
    await waitFor(async () => network.countedFor('deep').length === 3);
    const told = network.countedFor('deep').map(({ event_type, properties }) => ({ event_type, properties }));
    expect(told).toEqual(
      expect.arrayContaining([
        { event_type: 'active', properties: undefined },
        { event_type: 'active_register', properties: undefined },
        { event_type: 'active_pay', properties: { pay_amount: 12.5 } },
      ]),
    );
  });

  it('says why an arrival has no click, and lets the install with its ids decide again', async () => {
    await click({ __CALLBACK_PARAM__: 'again', __OAID__: 'fake-oaid-again' });
    const { id: clickId } = await newestClick();
    await rekindle.sendEvents(project.slug, [
      track('phone-3', 'View'),
      track('phone-4', 'View', { $oaid: 'fake-oaid-nobody' }),
    ]);
    const reasons = await waitFor(async () => {
      const rows = await list('ad-conversions?attributed=false');
      return rows.length >= 2 ? rows.map(({ unattributedReason }) => unattributedReason) : null;
    });
    expect(reasons.sort()).toEqual(['no_candidate', 'no_device_id']);
    await rekindle.sendEvents(project.slug, [track('phone-3', '$AppInstall', { $oaid: 'fake-oaid-again' })]);
    const conversion = await conversionOf('activate', clickId);
    await callbackOf(conversion.id, 'done');
    expect(
      (await list('ad-conversions?attributed=false')).map(({ unattributedReason }) => unattributedReason),
    ).toEqual(['no_candidate']);
  });

  it('writes nothing for a project without ad clicks', async () => {
    const other = await rekindle.newProject();
    await rekindle.sendEvents(other.slug, [track('phone-5', '$AppInstall', { $oaid: 'fake-oaid-install' })]);
    await waitFor(
      async () =>
        (await queryClickHouse(rekindle, `SELECT 1 FROM event WHERE distinct_id = 'phone-5'`)).length,
    );
    expect(await list('ad-conversions', other)).toEqual([]);
  });

  it('tries again after a refusal, a broken answer and a timeout, and is counted once', async () => {
    for (const fault of ['refuse', 'break', 'hang'] as const) {
      network.failOnce(fault, fault);
      await click({ __CALLBACK_PARAM__: fault, __OAID__: `fake-oaid-${fault}` });
      await rekindle.sendEvents(project.slug, [
        track(`phone-${fault}`, '$AppInstall', { $oaid: `fake-oaid-${fault}` }),
      ]);
    }
    await waitFor(
      async () => ['refuse', 'break', 'hang'].every((fault) => network.countedFor(fault).length === 1),
      90_000,
    );
    for (const fault of ['refuse', 'break', 'hang']) expect(network.requestsFor(fault)).toHaveLength(2);
    const { outer_event_id: refused } = network.countedFor('refuse')[0]!;
    expect(await callbackOf(refused, 'done')).toMatchObject({ attempts: 2, error: null });
  }, 180_000);

  it('sends again what a crash left in sending, and the network counts it once', async () => {
    const [told] = network.countedFor('install');
    const client = new pg.Client(await databaseUrlOf(rekindle));
    await client.connect();
    await client.query(
      `UPDATE ad_callback SET state = 'sending', lease_until = now() - interval '1 minute', finished_at = NULL
       WHERE conversion_id = $1`,
      [told?.outer_event_id],
    );
    await client.end();
    const callback = await callbackOf(told?.outer_event_id, 'done');
    expect(callback.attempts).toBe(2);
    expect(network.requestsFor('install')).toHaveLength(2);
    expect(network.countedFor('install')).toHaveLength(1);
  });

  it('keeps a callback that cannot be made, with its reason, and tries it again when asked', async () => {
    await click({ __OAID__: 'fake-oaid-mute' });
    const { id: clickId } = await newestClick();
    await rekindle.sendEvents(project.slug, [track('phone-6', '$AppInstall', { $oaid: 'fake-oaid-mute' })]);
    const conversion = await conversionOf('activate', clickId);
    const failed = await callbackOf(conversion.id, 'failed');
    expect(failed).toMatchObject({
      request: null,
      response: null,
      error: expect.stringContaining('callback parameter'),
    });
    expect((await project.api('POST', `ad-callbacks/${failed.id}/retry`)).json.state).toBe('queued');
    await callbackOf(conversion.id, 'failed');
    const done = (await list('ad-callbacks?state=done'))[0] as Row;
    expect((await project.api('POST', `ad-callbacks/${done.id}/retry`)).status).toBe(409);
  });

  it('lets callbacks go to the network and to allowed hosts only', async () => {
    const refused = await project.api('PUT', 'ad-networks/ocean_engine/settings', {
      callbackBaseUrl: 'https://collector.example.org',
    });
    expect(refused.status).toBe(422);
    expect(refused.json.errors[0]).toMatchObject({ pointer: '/callbackBaseUrl', code: 'forbidden_host' });
    const unknown = await project.api('PUT', 'ad-networks/ocean_engine/settings', { nonsense: 1 });
    expect(unknown.status).toBe(422);
    const [shown] = (await project.api('GET', 'ad-networks')).json.items;
    expect(shown).toMatchObject({ name: 'ocean_engine', settings: { callbackBaseUrl: network.url } });
    expect(shown.clickMacros).toContainEqual(expect.objectContaining({ macro: '__CALLBACK_PARAM__' }));
    expect((await project.api('GET', 'ad-networks/nobody')).status).toBe(404);
  });

  it('leads a browser to the landing page of the link and nowhere else', async () => {
    const { json: link } = await project.api('POST', 'ad-links', {
      network: 'ocean_engine',
      name: 'web',
      utm: { utm_source: 'ocean' },
      landingUrl: 'https://shop.example.com/sale',
    });
    const landingLink = link.landingLink.replace(/^https?:\/\/[^/]+/, rekindle.url);
    const answer = await fetch(`${landingLink}&o=https://evil.example.org`, { redirect: 'manual' });
    const { id: clickId } = (await list(`ad-clicks?adLinkId=${link.id}`))[0] as Row;
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(
      `https://shop.example.com/sale?utm_source=ocean&ad_click_id=${clickId}`,
    );
    await rekindle.sendEvents(project.slug, [
      track('visitor-1', '$pageview', { $url: `https://shop.example.com/sale?ad_click_id=${clickId}` }),
    ]);
    expect(await conversionOf('activate', clickId)).toMatchObject({ matchedBy: 'click_id' });
  });

  it('changes, disables and deletes links', async () => {
    const { json: link } = await project.api('POST', 'ad-links', { network: 'ocean_engine', name: 'old' });
    const changed = await project.api('PATCH', `ad-links/${link.id}`, { name: 'new', isDisabled: true });
    expect(changed.json).toMatchObject({
      id: link.id,
      code: link.code,
      name: 'new',
      isDisabled: true,
      windowDays: 7,
    });
    expect((await click({ __OAID__: 'fake-oaid-off' }, link.monitoringUrl)).status).toBe(200);
    expect(await list(`ad-clicks?adLinkId=${link.id}`)).toEqual([]);
    expect((await project.api('DELETE', `ad-links/${link.id}`)).status).toBe(204);
    expect((await project.api('GET', `ad-links/${link.id}`)).status).toBe(404);
    const used = (await list('ad-clicks'))[0] as Row;
    expect((await project.api('DELETE', `ad-links/${used.adLinkId}`)).status).toBe(409);
    const wrong = await project.api('POST', 'ad-links', {
      network: 'nobody',
      name: '',
      landingUrl: 'javascript:alert(1)',
    });
    expect(wrong.status).toBe(422);
    expect(wrong.json.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/landingUrl',
      '/name',
      '/network',
    ]);
  });

  describe('matching the same batch again, and in several processes at once', () => {
    let db: Database;
    let projectId: number;
    let link: { id: string; monitoringUrl: string };
    const queued: string[] = [];

    beforeAll(async () => {
      db = await connectDatabase(await databaseUrlOf(rekindle), 4);
      const own = await rekindle.newProject();
      link = (await own.api('POST', 'ad-links', { network: 'ocean_engine', name: 'twice' })).json;
      const rows = await db.query<{ id: number }>('SELECT id FROM project WHERE slug = $1', [own.slug]);
      projectId = rows[0]?.id ?? 0;
    });
    afterAll(() => db.close());

    const aProcess = () =>
      new AttributionService(
        new AdClickRepository(db),
        new AdConversionRepository(db),
        new AdSettingRepository(db, new Secrets('a secret key for this test only')),
        { enqueue: async (ids: string[]) => void queued.push(...ids) } as unknown as CallbackService,
        new SystemClock(),
      );
    const arrivalOf = (userId: number, oaid: string, eventId: string): TrackedRecord => ({
      eventId,
      projectId,
      type: 'track',
      event: '$AppStart',
      distinctId: `person-${userId}`,
      identities: {},
      originalId: null,
      time: Date.now(),
      clientTime: Date.now(),
      receivedAt: Date.now(),
      source: 'Android/6',
      properties: { $oaid: oaid },
      userId,
    });
    const decided = () =>
      db.query<{ userId: string; isAttributed: boolean }>(
        `SELECT user_id AS "userId", ad_click_id IS NOT NULL AS "isAttributed" FROM ad_conversion
         WHERE project_id = $1 ORDER BY user_id`,
        [projectId],
      );

    it('gives the same events for the timeline and decides nothing anew', async () => {
      await click({ __CALLBACK_PARAM__: 'twice', __OAID__: 'fake-oaid-twice' }, link.monitoringUrl);
      const batch = [arrivalOf(901, 'fake-oaid-twice', 'a'.repeat(32))];
      const first = aProcess();
      const effects = await first.matchArrivals(batch);
      expect(effects).toEqual([
        expect.objectContaining({ kind: 'record_event', event: '$AdAttributed', userId: 901, projectId }),
      ]);
      expect(await first.matchArrivals(batch)).toEqual(effects);
      expect(await aProcess().matchArrivals(batch)).toEqual(effects);
      expect(await first.matchArrivals([arrivalOf(901, 'fake-oaid-twice', 'b'.repeat(32))])).toEqual([]);
      expect(await decided()).toEqual([{ userId: '901', isAttributed: true }]);
      expect(queued).toHaveLength(1);
    });

    it('gives a click to one of the users who want it at the same moment', async () => {
      await click({ __CALLBACK_PARAM__: 'race', __OAID__: 'fake-oaid-race' }, link.monitoringUrl);
      const users = [911, 912, 913, 914];
      const batches = users.map((userId) => [
        arrivalOf(userId, 'fake-oaid-race', String(userId).padStart(32, '0')),
      ]);
      const effects = await Promise.all(batches.map((batch) => aProcess().matchArrivals(batch)));
      expect(effects.flat()).toHaveLength(1);
      for (const batch of batches) await aProcess().matchArrivals(batch);
      const rows = (await decided()).filter(({ userId }) => Number(userId) > 910);
      expect(rows.map(({ userId }) => Number(userId))).toEqual(users);
      expect(rows.filter(({ isAttributed }) => isAttributed)).toHaveLength(1);
    });
  });
});
