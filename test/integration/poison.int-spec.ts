import { ClickHouse } from '../../src/platform/clickhouse/clickhouse.js';
import { Database } from '../../src/platform/db/database.js';
import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';
import { findUser, storedEvents, timelineOf } from '../support/stored-events.js';
import { clickhouseUrlOf, databaseUrlOf } from '../support/stores.js';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

/** A constraint that one record violates stands for whatever a store may refuse. */
describe('a record that a store refuses', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let clickhouse: ClickHouse;
  let db: Database;
  let receiver: WebhookReceiver<{ event: { name: string } }>;

  beforeAll(async () => {
    receiver = await startWebhookReceiver();
    rekindle = await startRekindle({ LOG_LEVEL: 'error', OUTBOUND_ALLOW_HOSTS: receiver.host });
    clickhouse = new ClickHouse({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
    db = await Database.connect({
      url: await databaseUrlOf(rekindle),
      poolSize: 2,
      entities: [],
      migrations: [],
    });
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
  });
  afterAll(async () => {
    await clickhouse.close();
    await db.close();
    await rekindle.stop();
    await receiver.stop();
  });

  const send = async (records: readonly Record<string, unknown>[]) => {
    expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
  };
  const run = (store: ClickHouse | Database, sql: string) =>
    store instanceof Database ? store.execute(sql) : store.command(sql);
  const lettersOf = (count: number) =>
    waitFor(async () => {
      const { items } = (await project.api('GET', 'dead-letters?reason=step_failed')).json;
      return items.length >= count ? (items as { id: string; detail: string }[]) : null;
    });
  const letterOf = () => lettersOf(1);
  /** Replays all that steps refused, at once. */
  const replayAll = async () =>
    (await project.api('POST', 'dead-letters/replay', { filter: { reason: 'step_failed' } })).json;
  const profileOf = async (identity: string) => (await findUser(project, identity))?.properties;
  const replay = async (id: string | undefined) =>
    expect((await project.api('POST', `dead-letters/${id}/replay`, {})).status).toBe(202);

  it('is put apart, and all others of its batch are stored once, in ClickHouse', async () => {
    await clickhouse.command("ALTER TABLE event ADD CONSTRAINT no_poison CHECK event != 'Poison'");
    const good = Array.from({ length: 20 }, (_, n) => track('neighbour', 'Good', { n }));
    await send([
      ...good.slice(0, 7),
      { ...profileSet('neighbour', { visits: 1 }), type: 'profile_increment' },
      { ...track('victim', 'Poison', { price: 9.5 }), login_id: 'victim' },
      ...good.slice(7),
    ]);
    await send([track('later', 'Good')]);
    const [letter, ...others] = await letterOf();
    expect(others).toEqual([]);
    expect(letter?.detail).toBe('The step store failed for this record; the log has the cause.');
    const events = await storedEvents(project, '$identity_anonymous_id:neighbour', 20);
    expect(events.map(({ properties }) => properties['n']).sort((a, b) => Number(a) - Number(b))).toEqual(
      good.map((_, n) => n),
    );
    expect((await findUser(project, '$identity_anonymous_id:neighbour'))?.properties).toEqual({ visits: 1 });
    expect(await storedEvents(project, '$identity_anonymous_id:later', 1)).toHaveLength(1);
    expect(await timelineOf(project, '$identity_login_id:victim')).toEqual([]);

    await clickhouse.command('ALTER TABLE event DROP CONSTRAINT no_poison');
    await replay(letter?.id);
    expect(await storedEvents(project, '$identity_login_id:victim', 1)).toMatchObject([
      { event: 'Poison', properties: { price: 9.5 } },
    ]);
  });

  it('is put apart where it is the only one of its batch', async () => {
    await clickhouse.command("ALTER TABLE event ADD CONSTRAINT no_poison CHECK event != 'Poison'");
    await send([track('alone', 'Poison')]);
    await letterOf();
    await send([track('alone', 'Good')]);
    expect(
      (await storedEvents(project, '$identity_anonymous_id:alone', 1)).map(({ event }) => event),
    ).toEqual(['Good']);
    await clickhouse.command('ALTER TABLE event DROP CONSTRAINT no_poison');
  });

  it('is put apart in PostgreSQL too, before its person is known', async () => {
    await db.execute("ALTER TABLE person_identity ADD CONSTRAINT no_poison CHECK (value <> 'poison-id')");
    await send([track('before', 'Good'), track('poison-id', 'Good', { a: 1 }), track('behind', 'Good')]);
    const [letter, ...others] = await letterOf();
    expect(others).toEqual([]);
    for (const id of ['before', 'behind']) {
      expect(await storedEvents(project, `$identity_anonymous_id:${id}`, 1)).toHaveLength(1);
    }
    await db.execute('ALTER TABLE person_identity DROP CONSTRAINT no_poison');
    await replay(letter?.id);
    expect(await storedEvents(project, '$identity_anonymous_id:poison-id', 1)).toMatchObject([
      { properties: { a: 1 } },
    ]);
  });

  it('is put apart by the steps that change profiles and items, which keep what is good of both', async () => {
    const constraints = [
      [clickhouse, "profile ADD CONSTRAINT no_poison CHECK NOT has(JSONAllPaths(properties), 'poison')"],
      [db, "profile ADD CONSTRAINT no_poison CHECK (NOT properties ? 'venom')"],
      [db, "item ADD CONSTRAINT no_poison CHECK (NOT properties ? 'poison')"],
    ] as const;
    for (const [store, change] of constraints) await run(store, `ALTER TABLE ${change}`);
    const visit = (time: number) => ({
      ...profileSet('good', { visits: 1 }, time),
      type: 'profile_increment',
    });
    const item = (id: string, properties: object) => {
      return { type: 'item_set', item_type: 'sku', item_id: id, properties };
    };
    const now = Date.now();
    await send([
      track('good', 'Good'),
      visit(now - 2),
      item('a', { price: 1 }),
      profileSet('good', { poison: 1 }),
      item('a', { poison: 2 }),
      visit(now - 1),
      profileSet('other', { venom: 1 }),
      item('b', { price: 3 }),
      track('other', 'Good'),
    ]);
    const letters = await lettersOf(3);
    expect(letters.map(({ detail }) => detail.split(' ')[2]).sort()).toEqual(['item', 'profile', 'profile']);
    for (const id of ['good', 'other'])
      expect(await storedEvents(project, `$identity_anonymous_id:${id}`, 1)).toHaveLength(1);
    const [good, other] = ['$identity_anonymous_id:good', '$identity_anonymous_id:other'] as const;
    expect([await profileOf(good), await profileOf(other)]).toEqual([{ visits: 2 }, {}]);
    const rows = 'SELECT toString(properties.visits) AS visits FROM profile FINAL WHERE visits = {n:String}';
    expect(await clickhouse.query(rows, { n: '2' })).toEqual([{ visits: '2' }]);
    expect((await project.api('GET', 'items/sku')).json.items).toMatchObject([
      { id: 'a', properties: { price: 1 } },
      { id: 'b', properties: { price: 3 } },
    ]);

    for (const [store, change] of constraints)
      await run(store, `ALTER TABLE ${change.split(' ')[0]} DROP CONSTRAINT no_poison`);
    for (const { id } of letters) await replay(id);
    await waitFor(async () => ((await profileOf(other))?.['venom'] === 1 ? true : null));
    await waitFor(async () => ((await profileOf(good))?.['poison'] === 1 ? true : null));
    expect(await profileOf(good)).toEqual({ visits: 2, poison: 1 });
    // The step of items comes behind that of profiles.
    const itemA = async () => (await project.api('GET', 'items/sku/a')).json.properties;
    await waitFor(async () => 'poison' in (await itemA()));
    expect(await itemA()).toEqual({ poison: 2 });
  });

  it('is put apart where it is a merge whose profiles cannot become one, until they can or are two again', async () => {
    const anonymous = (id: string) => `$identity_anonymous_id:${id}`;
    const login = (id: string) => `$identity_login_id:${id}`;
    const signUp = (id: string) => ({
      ...track(`${id}-login`, '$SignUp'),
      type: 'track_signup',
      original_id: `${id}-device`,
    });
    const known = (id: string) => ({ ...profileSet(`${id}-login`, { name: id }), login_id: `${id}-login` });
    await send(['m', 'n', 'o'].flatMap((id) => [known(id), profileSet(`${id}-device`, { plan: id })]));
    await waitFor(async () => ((await profileOf(anonymous('o-device')))?.['plan'] === 'o' ? true : null));
    await db.execute(
      "ALTER TABLE profile_merge ADD CONSTRAINT no_poison CHECK (from_properties->>'plan' NOT IN ('m', 'n'))",
    );
    await send([
      track('near', 'Good'),
      signUp('m'),
      profileSet('m-device', { city: 'Ghent' }),
      signUp('n'),
      signUp('o'),
      track('m-device', 'Good'),
    ]);
    const letters = await lettersOf(2);
    expect(letters.map(({ detail }) => detail)).toEqual(
      Array(2).fill(
        expect.stringMatching(/^The step profile failed for the merge of the user \d+ into \d+; the log has/),
      ),
    );
    expect(await storedEvents(project, anonymous('near'), 1)).toHaveLength(1);
    expect(await storedEvents(project, login('m-login'), 2)).toHaveLength(2);
    expect(await profileOf(login('o-login'))).toEqual({ name: 'o', plan: 'o' });
    expect(await profileOf(login('m-login'))).toEqual({ name: 'm', city: 'Ghent' });
    const inSight = () =>
      clickhouse.query<{ name: string }>(
        "SELECT toString(properties.name) AS name FROM profile FINAL WHERE is_deleted = 0 AND match(name, '^[mno]$') OR toString(properties.plan) != '' ORDER BY name",
      );
    expect(await inSight()).toEqual([{ name: 'm' }, { name: 'n' }, { name: 'o' }]);

    const { items } = (await project.api('GET', 'merges')).json;
    const ofN = items.find((one: Record<string, unknown>) => JSON.stringify(one).includes('n-login'));
    const undo = (await project.api('POST', `merges/${ofN.id}/undo`)).json;
    await waitFor(async () => (await project.api('GET', `merge-requests/${undo.id}`)).status === 200);
    const undone = await project.api('GET', `merge-requests/${undo.id}`);
    expect(undone.json).toMatchObject({ state: 'done' });
    await waitFor(async () => ((await profileOf(anonymous('n-device')))?.['plan'] === 'n' ? true : null));
    await db.execute('ALTER TABLE profile_merge DROP CONSTRAINT no_poison');
    expect(await replayAll()).toMatchObject({ replayed: 2 });
    await waitFor(async () => ((await profileOf(login('m-login')))?.['plan'] === 'm' ? true : null));
    expect(await profileOf(login('m-login'))).toEqual({ name: 'm', city: 'Ghent', plan: 'm' });
    expect(await profileOf(login('n-login'))).toEqual({ name: 'n' });
    expect(await inSight()).toHaveLength(4);
  });

  it('is put apart by what follows its storing, and is replayed for that step alone', async () => {
    const trigger = async (event: string) => {
      const url = `http://${receiver.host}/${event}`;
      const rule = { version: 1, on: { event }, actions: [{ type: 'webhook', url }] };
      return (await project.api('POST', 'triggers', { name: event, rule })).json.id as string;
    };
    const [, unmatched] = [await trigger('Good'), await trigger('Unmatched'), await trigger('Undone')];
    const link = await project.api('POST', 'ad-links', { network: 'ocean_engine', name: 'a', os: 'android' });
    await fetch(link.json.monitoringUrl.replace(/^https?:\/\/[^/]+/, rekindle.url));
    await waitFor(async () => (await project.api('GET', 'ad-clicks')).json.items[0]);
    const constraints = [
      `trigger_decision ADD CONSTRAINT no_poison CHECK (trigger_id <> '${unmatched}')`,
      "webhook_call ADD CONSTRAINT no_poison CHECK (url NOT LIKE '%/Undone')",
      "ad_conversion ADD CONSTRAINT no_poison CHECK (event <> 'Unearned')",
    ];
    for (const change of constraints) await db.execute(`ALTER TABLE ${change}`);
    const events = ['Good', 'Unmatched', 'Undone', 'Unearned'];
    await send(events.map((event) => track(`of-${event}`, event)));
    const letters = await lettersOf(3);
    expect(letters.map(({ detail }) => detail.split(';')[0]).sort()).toEqual([
      'The step attribute failed for this record',
      'The step effects failed for this effect',
      'The step trigger failed for this record',
    ]);
    const called = () => receiver.calls.map(({ event }) => event.name).sort();
    const converted = async () =>
      (await project.api('GET', 'ad-conversions')).json.items
        .map(({ event }: { event: string }) => event)
        .sort();
    await waitFor(async () => called().length > 0);
    expect(called()).toEqual(['Good']);
    expect(await converted()).toEqual(['Good', 'Undone', 'Unmatched']);

    for (const change of constraints)
      await db.execute(`ALTER TABLE ${change.split(' ')[0]} DROP CONSTRAINT no_poison`);
    // As a crash between the replay and the removal of a letter leaves them.
    await db.execute(
      `INSERT INTO dead_letter (id, project_id, batch_id, ordinal, received_at, source, reason, detail, payload, ip)
       SELECT id || 'x', project_id, batch_id, -ordinal, received_at, source, reason, detail, payload, ip
       FROM dead_letter WHERE id = ANY($1)`,
      [letters.map(({ id }) => id)],
    );
    expect(await replayAll()).toMatchObject({ replayed: 6 });
    await waitFor(async () => called().length === 3 && (await converted()).length === 4);
    for (const event of events)
      expect(await storedEvents(project, `$identity_anonymous_id:of-${event}`, 1)).toHaveLength(1);
    expect(called()).toEqual(['Good', 'Undone', 'Unmatched']);
    expect(await converted()).toEqual(['Good', 'Undone', 'Unearned', 'Unmatched']);
    expect((await project.api('GET', 'dead-letters')).json.items).toEqual([]);
  });

  it('waits with all others where the store itself is not as it should be', async () => {
    await clickhouse.command('RENAME TABLE event TO event_away');
    await send([track('patient', 'Good', { n: 1 }), track('patient', 'Good', { n: 2 })]);
    await new Promise((done) => setTimeout(done, 9_000));
    expect((await project.api('GET', 'dead-letters')).json.items).toEqual([]);
    await clickhouse.command('RENAME TABLE event_away TO event');
    expect(await storedEvents(project, '$identity_anonymous_id:patient', 2)).toHaveLength(2);
  });
});
