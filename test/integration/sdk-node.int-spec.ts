import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Rekindle, startRekindle, type TestProject, waitFor } from '../support/rekindle.js';
import { findUser, storedEvents, timelineOf } from '../support/stored-events.js';

type Properties = Record<string, unknown>;

/** The SensorsData SDK for Node; the package has no types. */
interface SensorsAnalytics {
  track(distinctId: string, event: string, properties?: Properties): void;
  trackSignup(distinctId: string, originalId: string, properties?: Properties): void;
  profileSet(distinctId: string, properties: Properties): void;
  profileSetOnce(distinctId: string, properties: Properties): void;
  profileIncrement(distinctId: string, properties: Properties): void;
  profileAppend(distinctId: string, properties: Properties): void;
  profileUnset(distinctId: string, names: string[]): void;
  itemSet(type: string, id: string, properties: Properties): void;
  itemDelete(type: string, id: string): void;
  registerSuperProperties(properties: Properties): void;
  enableReNameOption(): void;
  disableReNameOption(): void;
  inBatch(options: { count?: number; timeSpan?: number }): SensorsAnalytics;
  subscribe(observer: unknown): void;
  initNWConsumer(options: Properties, batch?: Properties): void;
  initLoggingConsumer(path: string): void;
  onCompleted(): void;
}
interface Submitter {
  catch(onError: (error: Error) => void): void;
}
interface Sdk {
  new (): SensorsAnalytics;
  Submitter: new (options: string | Properties) => Submitter;
}
const Sensors = createRequire(import.meta.url)('sa-sdk-node') as Sdk;
const SPECIAL = 'a+b & c=d %2B "quoted" 商品 😀';

describe('the SDK for Node', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let failures: string[];
  let folder: string;

  beforeAll(async () => {
    rekindle = await startRekindle();
    folder = await mkdtemp(join(tmpdir(), 'rekindle-sdk-'));
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
    failures = [];
  });
  afterAll(async () => {
    await rekindle.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const address = (prefix = '') => `${rekindle.url}${prefix}/sa?project=${project.slug}`;
  /** A client whose submitter has these options. */
  const open = (options: string | Properties, batch: Properties = {}): SensorsAnalytics => {
    const client = new Sensors();
    client.disableReNameOption();
    const submitter = new Sensors.Submitter(options);
    submitter.catch((error) => failures.push(error.message));
    client.inBatch(batch).subscribe(submitter);
    return client;
  };
  const eventsOf = async (identity: string, count: number) =>
    (await storedEvents(project, identity, count)).map(({ event, properties }) => ({ event, properties }));

  it('has every kind of call stored once, in batches', async () => {
    const client = open({ url: address('/any/prefix') }, { count: 4, timeSpan: 200 });
    client.registerSuperProperties({ plan: 'gold', $app_version: '3.1' });
    const at = new Date(Date.now() - 3_600_000);
    client.track('device', 'ViewItem', {
      price: 12.5,
      tags: ['a', 'b'],
      title: SPECIAL,
      isNew: true,
      seen: at,
    });
    client.track('device', 'Earlier', { $time: at, $ip: '203.0.113.7' });
    client.trackSignup('login', 'device', { from: 'app' });
    client.profileSet('login', { city: 'Ghent', note: SPECIAL, gone: 'x' });
    client.profileSetOnce('login', { city: 'Bruges', first: 1 });
    client.profileIncrement('login', { visits: 2 });
    client.profileIncrement('login', { visits: 3 });
    client.profileAppend('login', { tags: ['a', 'b'] });
    client.profileAppend('login', { tags: ['b', 'c'] });
    client.profileUnset('login', ['gone']);
    client.itemSet('book', '1', { title: SPECIAL, price: 31.5 });
    client.itemSet('book', '2', { title: 'gone' });
    client.itemDelete('book', '2');
    client.track('login', 'Buy', { price: 12.5 });
    client.onCompleted();
    const [earlier, ...events] = await eventsOf('$identity_login_id:login', 4);
    expect(earlier?.event).toBe('Earlier');
    expect(earlier?.properties).toMatchObject({ $ip: '203.0.113.7', plan: 'gold' });
    // What is told within one millisecond has no order in time.
    expect(events.map(({ event }) => event).sort()).toEqual(['$SignUp', 'Buy', 'ViewItem']);
    expect(events.find(({ event }) => event === 'ViewItem')?.properties).toMatchObject({
      price: 12.5,
      tags: ['a', 'b'],
      title: SPECIAL,
      isNew: true,
      $lib: 'Node',
      $app_version: '3.1',
    });
    const user = await findUser(project, '$identity_login_id:login');
    expect(user?.properties).toEqual({
      // The SDK sends the properties common to all events with those of a profile too.
      plan: 'gold',
      city: 'Ghent',
      note: SPECIAL,
      first: 1,
      visits: 5,
      tags: ['a', 'b', 'c'],
    });
    expect((await project.api('GET', 'items/book')).json.items).toMatchObject([
      { id: '1', properties: { title: SPECIAL, price: 31.5 } },
    ]);
    expect(failures).toEqual([]);
    expect((await project.api('GET', 'dead-letters')).json.items).toEqual([]);
  });

  it.each<[string, () => string | Properties]>([
    ['without gzip', () => ({ url: address(), gzip: false })],
    ['by its address alone', () => address()],
    ['in the mode track', () => ({ url: address(), mode: 'track' })],
    ['in the mode debug_off', () => ({ url: address(), mode: 'debug_off' })],
    ['in the mode debug', () => ({ url: address('/prefix'), mode: 'debug' })],
    ['in the mode debug_and_track', () => ({ url: address(), mode: 'debug_and_track' })],
  ])('has its events stored once when it is set up %s', async (_name, options) => {
    const client = open(options());
    client.track('someone', 'First', { n: 1 });
    client.track('someone', 'Second', { n: 2 });
    const events = await eventsOf('$identity_anonymous_id:someone', 2);
    expect(events.map(({ event }) => event).sort()).toEqual(['First', 'Second']);
    expect(failures).toEqual([]);
  });

  it.each(['debug_only', 'dryRun'])('has its events checked and not stored in the mode %s', async (mode) => {
    open({ url: address(), mode }).track('nobody', 'Checked', { n: 1 });
    open({ url: address() }).track('somebody', 'Stored');
    await storedEvents(project, '$identity_anonymous_id:somebody', 1);
    expect(await timelineOf(project, '$identity_anonymous_id:nobody')).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('tells the developer in the debug modes why a request is wrong', async () => {
    const wrong = `${rekindle.url}/sa?project=no-such-project`;
    open({ url: wrong, mode: 'debug_only' }).track('somebody', 'Checked');
    const failure = await waitFor(async () => failures[0]);
    expect(JSON.parse(failure)).toMatchObject({
      valid: false,
      stored: false,
      errors: [{ reason: 'unknown_project', detail: 'There is no project no-such-project.' }],
    });
  });

  it('has its events stored by the consumer that caches them on disk', async () => {
    const client = new Sensors();
    client.disableReNameOption();
    client.initNWConsumer({ url: address(), cachePath: join(folder, 'cache') }, { count: 2 });
    client.track('cached', 'First');
    client.track('cached', 'Second');
    expect(await eventsOf('$identity_anonymous_id:cached', 2)).toHaveLength(2);
  });

  it('has its events stored when its log files are sent line by line', async () => {
    const client = new Sensors();
    client.disableReNameOption();
    client.initLoggingConsumer(folder);
    client.track('logged', 'First', { title: SPECIAL });
    client.track('logged', 'Second');
    const lines = await waitFor(async () => {
      const file = (await readdir(folder)).find((name) => name.startsWith('service.log.'));
      const text = file ? await readFile(join(folder, file), 'utf8') : '';
      const found = text.split('\n').filter((line) => line !== '');
      return found.length === 2 ? found : null;
    });
    for (const body of lines) expect((await fetch(address(), { method: 'POST', body })).status).toBe(200);
    const events = await eventsOf('$identity_anonymous_id:logged', 2);
    expect(events.find(({ event }) => event === 'First')?.properties['title']).toBe(SPECIAL);
  });
});
