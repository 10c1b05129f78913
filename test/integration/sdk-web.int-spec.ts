import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { findBrowser, startBrowser, type TestBrowser } from '../support/browser.js';
import { type Rekindle, startRekindle, type TestProject, waitFor } from '../support/rekindle.js';
import { findUser, type ShownEvent, storedEvents } from '../support/stored-events.js';

const SPECIAL = 'a+b & c=d %2B "quoted" \\ 商品 😀 <tag> \u00a0end';
/** More than Node takes in the address of a request by itself. */
const LONG = Object.fromEntries(
  Array.from({ length: 24 }, (_, i) => [`text_${i}`, `${i}-`.padEnd(1_000, 'x')]),
);

/** The part of the Web SDK that the page uses; the package's types know less than it can do. */
interface Sensors {
  init(settings: Record<string, unknown>): void;
  quick(name: string): void;
  track(event: string, properties?: Record<string, unknown>): void;
  login(id: string): void;
  setProfile(properties: Record<string, unknown>): void;
  setOnceProfile(properties: Record<string, unknown>): void;
  incrementProfile(properties: Record<string, unknown>): void;
  appendProfile(properties: Record<string, unknown>): void;
  unsetProfile(names: string[]): void;
  setItem(type: string, id: string, properties: Record<string, unknown>): void;
  deleteItem(type: string, id: string): void;
}
type SensorsWindow = typeof globalThis & { sensorsDataAnalytic201505: Sensors };

const executable = findBrowser();

(executable ? describe : describe.skip)('the Web SDK in a browser', () => {
  let rekindle: Rekindle;
  let browser: TestBrowser;
  let shop: Server;
  let shopUrl: string;

  beforeAll(async () => {
    rekindle = await startRekindle();
    browser = await startBrowser(executable ?? '');
    shop = await serveShop();
    shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser?.stop();
    shop?.close();
    await rekindle?.stop();
  });

  // Cookies are a visitor's: each page is one.
  const visit = async (): Promise<Page> => {
    await browser.context.clearCookies();
    const page = await browser.context.newPage();
    await page.goto(`${shopUrl}/shop?utm_source=mail&utm_campaign=${encodeURIComponent('spring+sale')}`);
    return page;
  };
  const settingsFor = (project: TestProject, sending: Record<string, unknown>) => ({
    server_url: `${rekindle.url}/sa?project=${project.slug}`,
    show_log: false,
    ...sending,
  });

  it.each<[string, Record<string, unknown>]>([
    ['image', { send_type: 'image' }],
    ['ajax', { send_type: 'ajax' }],
    ['beacon', { send_type: 'beacon' }],
    ['batch', { batch_send: { send_interval: 300, datasend_timeout: 5_000, storage_length: 200 } }],
  ])('has every event stored once that it sends by %s', async (mode, sending) => {
    const project = await rekindle.newProject();
    const login = `web-${mode}`;
    const page = await visit();
    await page.evaluate(useTheSdk, {
      settings: settingsFor(project, sending),
      login,
      special: SPECIAL,
      long: LONG,
    });
    const events = await storedEvents(project, `$identity_login_id:${login}`, 6);
    await page.close();
    expect(events.map(({ event }) => event).sort()).toEqual([
      '$SignUp',
      '$pageview',
      'Buy',
      'LongText',
      'Special',
      'ViewItem',
    ]);
    const byName = Object.fromEntries(events.map((event) => [event.event, event]));
    expect(byName['ViewItem']?.properties).toMatchObject({ price: 12.5, tags: ['a', 'b'], isNew: true });
    expect(byName['Special']?.properties).toMatchObject({ text: SPECIAL, list: [SPECIAL] });
    expect(byName['LongText']?.properties).toMatchObject(LONG);
    expect(byName['Buy']).toMatchObject({ source: 'js/1.27.11', distinctId: login });
    expect(byName['$pageview']?.properties).toMatchObject({ $title: 'The shop', $utm_source: 'mail' });
    expect(events.some(({ properties }) => properties['$crc_mismatch'])).toBe(false);
    for (const event of events) expectUsualTimes(event);
    await expectProfileAndItems(project, login);
    expect((await project.api('GET', 'dead-letters')).json.items).toEqual([]);
  });

  it('has what waits in the page stored when the visitor leaves it', async () => {
    const project = await rekindle.newProject();
    const page = await visit();
    await page.evaluate(
      ({ settings }) => {
        const sdk = (globalThis as SensorsWindow).sensorsDataAnalytic201505;
        sdk.init(settings);
        sdk.login('web-leaver');
        sdk.track('Leave', { n: 1 });
      },
      { settings: settingsFor(project, { send_type: 'beacon' }) },
    );
    await page.goto('about:blank');
    const events = await storedEvents(project, '$identity_login_id:web-leaver', 2);
    await page.close();
    expect(events.map(({ event }) => event).sort()).toEqual(['$SignUp', 'Leave']);
  });

  it('keeps a batch that the service sheds, and sends it again', async () => {
    const project = await rekindle.newProject();
    const page = await visit();
    let shed = 0;
    await page.route(/\/sa\.gif/, async (route) => {
      if (shed++ === 0)
        await route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' }, body: '' });
      else await route.continue();
    });
    await page.evaluate(
      ({ settings }) => {
        const sdk = (globalThis as SensorsWindow).sensorsDataAnalytic201505;
        sdk.init(settings);
        sdk.login('web-shed');
        sdk.track('Kept', { n: 1 });
      },
      { settings: settingsFor(project, { batch_send: { send_interval: 300 } }) },
    );
    const events = await storedEvents(project, '$identity_login_id:web-shed', 2);
    await page.close();
    expect(shed).toBeGreaterThan(1);
    expect(events.map(({ event }) => event).sort()).toEqual(['$SignUp', 'Kept']);
  });

  function expectUsualTimes({ time, receivedAt }: ShownEvent): void {
    expect(Math.abs(Date.parse(time) - Date.parse(receivedAt))).toBeLessThan(30_000);
  }

  async function expectProfileAndItems(project: TestProject, login: string): Promise<void> {
    const user = await waitFor(async () => {
      const found = await findUser(project, `$identity_login_id:${login}`);
      // Each in a request of its own, and these overtake each other.
      return ['city', 'first', 'visits', 'likes'].every((name) => found?.properties[name]) ? found : null;
    });
    expect(user.properties).toMatchObject({
      city: 'Ghent +1',
      first: 1,
      visits: 2,
      likes: ['tea', 'coffee'],
    });
    const item = await waitFor(async () => {
      const answer = await project.api('GET', 'items/book/web-1');
      return answer.status === 200 ? answer : null;
    });
    expect(item.json.properties).toEqual({ title: SPECIAL, price: 31.5 });
  }
});

/** Runs in the page. */
function useTheSdk(given: {
  settings: Record<string, unknown>;
  login: string;
  special: string;
  long: Record<string, string>;
}): void {
  const sdk = (globalThis as SensorsWindow).sensorsDataAnalytic201505;
  sdk.init(given.settings);
  sdk.quick('autoTrack');
  sdk.track('ViewItem', { price: 12.5, tags: ['a', 'b'], isNew: true });
  sdk.track('Special', { text: given.special, list: [given.special] });
  sdk.login(given.login);
  sdk.setProfile({ city: 'Ghent +1' });
  sdk.setOnceProfile({ first: 1 });
  sdk.incrementProfile({ visits: 2 });
  sdk.appendProfile({ likes: ['tea', 'coffee'] });
  sdk.unsetProfile(['nothing']);
  sdk.setItem('book', 'web-1', { title: given.special, price: 31.5 });
  sdk.deleteItem('book', 'web-2');
  sdk.track('LongText', given.long);
  sdk.track('Buy', { price: 12.5 });
}

/** The shop in whose pages the SDK runs: another origin than Rekindle, as everywhere. */
async function serveShop(): Promise<Server> {
  const require = createRequire(import.meta.url);
  const sdk = readFileSync(require.resolve('sa-sdk-javascript/sensorsdata.min.js'));
  const server = createServer((request, response) => {
    if (request.url === '/sdk.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(sdk);
      return;
    }
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      .end(
        '<!doctype html><title>The shop</title><link rel="icon" href="data:,"><script src="/sdk.js"></script>',
      );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}
