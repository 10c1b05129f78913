import { type MiniProgram, startMiniProgram } from '../support/mini-program.js';
import { type Rekindle, startRekindle, type TestProject } from '../support/rekindle.js';
import { findUser, storedEvents } from '../support/stored-events.js';

const SPECIAL = 'a+b & c=d %2B "quoted" 商品 😀';

describe('the SDK for WeChat mini-programs', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let phones: MiniProgram[];

  beforeAll(async () => {
    rekindle = await startRekindle();
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
    phones = [];
  });
  afterEach(() => {
    for (const phone of phones) phone.stop();
  });
  afterAll(() => rekindle.stop());

  const start = (isOnline?: () => boolean) => {
    const phone = startMiniProgram(isOnline);
    phones.push(phone);
    return phone;
  };
  const settings = (change: Record<string, unknown> = {}) => ({
    server_url: `${rekindle.url}/sa?project=${project.slug}`,
    show_log: false,
    autoTrack: { appLaunch: false, appShow: false, appHide: false, pageShow: false, pageShare: false },
    ...change,
  });

  it('has every call stored once in its default batches', async () => {
    const { sdk, requests } = start();
    sdk.setPara(settings());
    sdk.init();
    sdk.track('ViewItem', { price: 12.5, tags: ['a', 'b'], title: SPECIAL, isNew: true });
    sdk.login('mini-user');
    sdk.setProfile({ city: 'Ghent', note: SPECIAL });
    sdk.setOnceProfile({ first: 1 });
    sdk.incrementProfile({ visits: 2 });
    sdk.appendProfile({ likes: ['tea', 'coffee'] });
    for (let n = 0; n < 9; n++) sdk.track('Scroll', { n });
    const events = await storedEvents(project, '$identity_login_id:mini-user', 11);
    expect(events.map(({ event }) => event).sort()).toEqual([
      '$SignUp',
      ...new Array<string>(9).fill('Scroll'),
      'ViewItem',
    ]);
    expect(events.find(({ event }) => event === 'ViewItem')).toMatchObject({
      source: 'MiniProgram/1.22.7',
      properties: { price: 12.5, tags: ['a', 'b'], title: SPECIAL, isNew: true },
    });
    const numbers = events.filter(({ event }) => event === 'Scroll').map(({ properties }) => properties['n']);
    expect(numbers.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await findUser(project, '$identity_login_id:mini-user'))?.properties).toMatchObject({
      city: 'Ghent',
      note: SPECIAL,
      first: 1,
      visits: 2,
      likes: ['tea', 'coffee'],
    });
    expect(requests.every(({ method, body }) => method === 'POST' && body.startsWith('data_list='))).toBe(
      true,
    );
    expect(requests.length).toBeLessThan(10);
    expect((await project.api('GET', 'dead-letters')).json.items).toEqual([]);
  });

  it('has every call stored once that it sends alone', async () => {
    const { sdk, requests } = start();
    sdk.setPara(settings({ batch_send: false }));
    sdk.init();
    sdk.login('single-user');
    sdk.track('ViewItem', { title: SPECIAL });
    sdk.track('Buy', { price: 1 });
    const events = await storedEvents(project, '$identity_login_id:single-user', 3);
    expect(events.map(({ event }) => event).sort()).toEqual(['$SignUp', 'Buy', 'ViewItem']);
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('has stored once what it sends again after a failure of the network', async () => {
    let failures = 2;
    const { sdk, requests } = start(() => failures-- <= 0);
    sdk.setPara(settings({ batch_send: { send_timeout: 200, max_length: 2 } }));
    sdk.init();
    sdk.login('offline-user');
    sdk.track('Kept', { n: 1 });
    const events = await storedEvents(project, '$identity_login_id:offline-user', 2);
    expect(events.map(({ event }) => event).sort()).toEqual(['$SignUp', 'Kept']);
    expect(requests.filter(({ status }) => status === null)).toHaveLength(2);
  });
});
