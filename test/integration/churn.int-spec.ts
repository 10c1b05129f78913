import { makeDue, occupy } from '../support/make-due.js';
import { newRandom } from '../support/random-numbers.js';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';
import { untilStored } from '../support/stored-events.js';

const DAY_MS = 86_400_000;
/** Midnight of today, UTC. */
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const USERS = 400;
const HISTORY_DAYS = 120;

describe('A churn model', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  async function createModel(definition: Record<string, unknown>, of = project, more = {}): Promise<string> {
    const made = await of.api('POST', 'churn-models', {
      name: `model ${Math.random()}`,
      definition,
      ...more,
    });
    expect(made.status).toBe(201);
    return made.json.id;
  }

  const getRun = async (modelId: string, runId: string, of = project) =>
    (await of.api('GET', `churn-models/${modelId}/runs/${runId}`)).json;

  async function run(modelId: string, body: Record<string, unknown>, of = project) {
    const started = await of.api('POST', `churn-models/${modelId}/runs`, body);
    expect(started.status).toBe(202);
    return waitFor(async () => {
      const shown = await getRun(modelId, started.json.id, of);
      return ['done', 'failed', 'cancelled'].includes(shown.state) ? shown : null;
    }, 60_000);
  }

  async function userId(name: string, of = project): Promise<string> {
    return (await of.api('GET', `users?identity=$identity_anonymous_id:${name}`)).json.items[0].id;
  }

  const countEvents = async (event: string, of = project) => {
    const where = { event, window: 'all_time', compare: { op: 'at_least', value: 1 } };
    return (await of.api('POST', 'segments/preview', { definition: { version: 1, where } })).json.count;
  };

  /** Users visit with a rate of their own, and each day may be their last; the rare ones leave more often. */
  function simulateVisits(): Record<string, unknown>[] {
    const random = newRandom(1);
    return Array.from({ length: USERS }, (_, user) => {
      const isKeen = user % 2 === 0;
      const events: Record<string, unknown>[] = [];
      for (let day = -Math.floor(random.uniform() * HISTORY_DAYS); day < 0; day++) {
        if (events.length > 0 && random.uniform() < (isKeen ? 0.004 : 0.06)) break;
        if (events.length > 0 && random.uniform() > (isKeen ? 0.6 : 0.15)) continue;
        const at = TODAY + day * DAY_MS + Math.floor(random.uniform() * DAY_MS);
        events.push(
          track(`user-${user}`, 'visit', { amount: Math.floor(random.uniform() * 50), app: 'web' }, at),
        );
      }
      return events;
    }).flat();
  }

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject();
    const visits = simulateVisits();
    for (let i = 0; i < visits.length; i += 1_000) {
      expect((await rekindle.sendEvents(project.slug, visits.slice(i, i + 1_000))).status).toBe(200);
    }
    await untilStored(project, visits.length, 'visit');
  }, 120_000);
  afterAll(() => rekindle?.stop());

  describe('learned from who came back', () => {
    const LOGISTIC = {
      kind: 'logistic',
      activity: { event: 'visit', valueProperty: 'amount' },
      churnDays: 14,
      lookbackDays: 60,
    };
    const asOf = new Date(TODAY).toISOString();

    it('is judged on later users than it learned from, beside a baseline', async () => {
      const modelId = await createModel(LOGISTIC);
      const trained = await run(modelId, { task: 'train', asOf });
      expect(trained).toMatchObject({ state: 'done', error: null, fitRunId: trained.id });
      const { validation } = trained.report;
      expect(validation.auc).toBeGreaterThan(0.8);
      expect(validation.liftInTopDecile).toBeGreaterThan(1);
      expect(validation.baseline.auc).toBeGreaterThan(0.5);
      expect(validation.calibration).toHaveLength(10);
      expect(validation.churned).toBeGreaterThan(10);
      const names = trained.fit.model.weights.map(({ name }: { name: string }) => name);
      expect(names).toEqual(
        expect.arrayContaining(['days_since_last', 'events_7d', 'gap_ratio', 'spend_90d']),
      );

      const scored = await run(modelId, { task: 'score' });
      expect(scored).toMatchObject({ state: 'done', fitRunId: trained.id, fit: null, report: null });
      expect(scored.scoredCount).toBeGreaterThan(0);
      const shown = await project.api('GET', `churn-models/${modelId}`);
      expect(shown.json).toMatchObject({ latestRun: { id: scored.id }, latestTraining: { id: trained.id } });
    });

    it('learns nothing from what comes after its moment', async () => {
      const past = new Date(TODAY - 20 * DAY_MS).toISOString();
      const modelId = await createModel(LOGISTIC);
      const before = await run(modelId, { task: 'train', asOf: past });
      const late = Array.from({ length: 50 }, (_, i) =>
        track(`user-${i}`, 'visit', { amount: 999 }, TODAY - 20 * DAY_MS + i),
      );
      expect(
        (await rekindle.sendEvents(project.slug, [...late, track('marker', 'after', {}, TODAY)])).status,
      ).toBe(200);
      await waitFor(async () => (await countEvents('after')) === 1);
      const again = await createModel(LOGISTIC);
      const after = await run(again, { task: 'train', asOf: past });
      expect(after.fit).toEqual(before.fit);
      expect(after.report).toEqual(before.report);
      // A score as of an earlier moment must not use what was learned later.
      const early = new Date(TODAY - 30 * DAY_MS).toISOString();
      const refused = await project.api('POST', `churn-models/${again}/runs`, { task: 'score', asOf: early });
      expect(refused.status).toBe(409);
    });

    it('says why it cannot be fitted, and is not tried again', async () => {
      const modelId = await createModel({ ...LOGISTIC, activity: { event: 'never' } });
      const failed = await run(modelId, { task: 'train', asOf });
      expect(failed).toMatchObject({ state: 'failed', attempts: 1, scoredCount: null });
      expect(failed.error).toBe(
        'Of 0 users 0 churned: 10 who did and 10 who did not are needed at the least.',
      );
      const scores = await project.api('GET', `churn-models/${modelId}/runs/${failed.id}/scores`);
      expect(scores.status).toBe(409);
    });
  });

  describe('of recency, frequency and value', () => {
    let shop: TestProject;
    beforeAll(async () => {
      shop = await rekindle.newProject('Asia/Shanghai');
      const day = (days: number, hour = 4) => TODAY - days * DAY_MS + hour * 3_600_000;
      const buy = (name: string, days: number, amount: number, hour?: number) =>
        track(name, 'pay', { amount, method: 'card' }, day(days, hour));
      await rekindle.sendEvents(shop.slug, [
        // 15:00 and 17:00 UTC are two days in Shanghai.
        ...[buy('two-days', 10, 5, 15), buy('two-days', 10, 5, 17)],
        ...[buy('one-day', 10, 5, 4), buy('one-day', 10, 5, 5)],
        ...[buy('regular', 30, 10), buy('regular', 20, 10), buy('regular', 10, 10), buy('regular', 5, 10)],
        buy('gone', 90, 1),
        buy('rich', 1, 500),
        track('other', 'pay', { amount: 3, method: 'wallet' }, day(2)),
      ]);
      await untilStored(shop, 11, 'pay');
    });

    it('puts users into fifths, and tells their gap against their own usual one', async () => {
      const where = [{ property: 'method', op: 'equals', value: 'card' }];
      const modelId = await createModel(
        { kind: 'rfm', activity: { event: 'pay', where, valueProperty: 'amount' } },
        shop,
      );
      const asOf = new Date(TODAY).toISOString();
      const trained = await run(modelId, { task: 'train', asOf }, shop);
      expect(trained).toMatchObject({ state: 'done', scoredCount: 5 });
      const scoreOf = async (name: string) =>
        (await shop.api('GET', `churn-models/${modelId}/scores/${await userId(name, shop)}`)).json;
      const [regular, gone, rich, twoDays, oneDay, other] = [
        await scoreOf('regular'),
        await scoreOf('gone'),
        await scoreOf('rich'),
        await scoreOf('two-days'),
        await scoreOf('one-day'),
        await scoreOf('other'),
      ];
      expect(regular.details).toMatchObject({ activeDays: 4, daysSinceLast: 5, frequency: 5 });
      expect(regular.details.gapRatio).toBeCloseTo(5 / (25 / 3));
      expect(gone.details).toMatchObject({ recency: 1, frequency: 1, monetary: 1 });
      expect(gone.details).not.toHaveProperty('gapRatio');
      expect(gone.score).toBe(1);
      expect(rich.details).toMatchObject({ recency: 5, monetary: 5 });
      expect([twoDays.details.activeDays, oneDay.details.activeDays]).toEqual([2, 1]);
      expect(other).toEqual({
        userId: await userId('other', shop),
        score: null,
        details: null,
        runId: trained.id,
        asOf,
      });
    });

    it('is listed by pages, spread out, and exported', async () => {
      const modelId = await createModel({ kind: 'rfm', activity: { event: '*' } }, shop);
      const trained = await run(modelId, { task: 'train' }, shop);
      expect(trained.scoredCount).toBe(6);
      const path = `churn-models/${modelId}/runs/${trained.id}`;
      const first = (await shop.api('GET', `${path}/scores?limit=4`)).json;
      const second = (await shop.api('GET', `${path}/scores?limit=4&cursor=${first.nextCursor}`)).json;
      expect([first.items.length, second.items.length, second.nextCursor]).toEqual([4, 2, null]);
      const spread = (await shop.api('GET', `${path}/distribution`)).json;
      expect(spread.users).toBe(6);
      expect(spread.tenths.reduce((sum: number, count: number) => sum + count, 0)).toBe(6);

      const download = (format: string) =>
        fetch(`${rekindle.url}/api/v1/projects/${shop.slug}/${path}/export?format=${format}`, {
          headers: { authorization: `Bearer ${rekindle.adminKey}` },
        });
      const csv = await download('csv');
      expect(csv.headers.get('content-type')).toContain('text/csv');
      const lines = (await csv.text()).trim().split('\n');
      expect(lines[0]).toContain('"userId","score","recency","frequency","monetary","gapRatio"');
      expect(lines).toHaveLength(7);
      const jsonl = (await (await download('jsonl')).text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(jsonl.map(({ userId: id }) => id)).toEqual(
        [...first.items, ...second.items].map(({ userId: id }) => id),
      );
      expect(jsonl[0]).toMatchObject({ score: first.items[0].score, monetary: null });
      expect((await download('xml')).status).toBe(422);
    });

    it('sees persons who were merged as one, also in scores from before', async () => {
      await rekindle.sendEvents(shop.slug, [
        track('anna', 'browse', { $is_login_id: true }, TODAY - 9 * DAY_MS),
        track('phone', 'browse', {}, TODAY - 5 * DAY_MS),
      ]);
      await waitFor(async () => (await countEvents('browse', shop)) === 2);
      const phone = await userId('phone', shop);
      const modelId = await createModel({ kind: 'rfm', activity: { event: 'browse' } }, shop);
      const asOf = new Date(TODAY).toISOString();
      expect(await run(modelId, { task: 'train', asOf }, shop)).toMatchObject({ scoredCount: 2 });
      const signUp = { ...track('anna', '$SignUp', {}, TODAY), type: 'track_signup', original_id: 'phone' };
      await rekindle.sendEvents(shop.slug, [signUp]);
      await waitFor(async () => (await countEvents('browse', shop)) === 1);
      const merged = await userId('phone', shop);
      const score = await shop.api('GET', `churn-models/${modelId}/scores/${merged}`);
      expect(score.json.score).not.toBeNull();
      expect(phone).toEqual(expect.any(String));

      const again = await run(modelId, { task: 'train', asOf: new Date(TODAY + 1).toISOString() }, shop);
      expect(again.scoredCount).toBe(1);
      const now = await shop.api('GET', `churn-models/${modelId}/scores/${merged}`);
      expect(now.json.details).toMatchObject({ activeDays: 2, daysSinceLast: 5 });
    });
  });

  describe('by its API', () => {
    const RFM = { kind: 'rfm', activity: { event: 'visit' } };

    it.each<[string, unknown, string]>([
      ['an unknown kind', { kind: 'magic', activity: { event: 'pay' } }, '/definition/kind'],
      ['an event of ours', { ...RFM, activity: { event: '$MessageSent' } }, '/definition/activity/event'],
      ['no event', { kind: 'rfm', activity: {} }, '/definition/activity/event'],
      [
        'a filter that is none',
        { ...RFM, activity: { event: 'pay', where: [{ property: 'a', op: 'like', value: 1 }] } },
        '/definition/activity/where/0/op',
      ],
      ['a field too many', { ...RFM, horizonDays: 3 }, '/definition/horizonDays'],
      ['no days of churn', { kind: 'logistic', activity: { event: 'pay' } }, '/definition/churnDays'],
      [
        'a holdout of no days',
        { kind: 'bg_nbd', activity: { event: 'pay' }, holdoutDays: 0 },
        '/definition/holdoutDays',
      ],
    ])('refuses %s', async (_, definition, pointer) => {
      const refused = await project.api('POST', 'churn-models', { name: 'bad', definition });
      expect(refused.status).toBe(422);
      expect(refused.json.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    });

    it('refuses a run in the future, an unknown task, and a score without a training', async () => {
      const modelId = await createModel(RFM);
      const start = (body: unknown) => project.api('POST', `churn-models/${modelId}/runs`, body);
      const future = await start({ task: 'train', asOf: new Date(Date.now() + DAY_MS).toISOString() });
      expect([future.status, future.json.errors[0].pointer]).toEqual([422, '/asOf']);
      const unknown = await start({ task: 'guess' });
      expect([unknown.status, unknown.json.errors[0].pointer]).toEqual([422, '/task']);
      expect((await start({ task: 'score' })).status).toBe(409);
    });

    it('keeps names apart, lists, changes and archives', async () => {
      const name = 'the only one';
      const made = await project.api('POST', 'churn-models', { name, definition: RFM });
      const twin = await project.api('POST', 'churn-models', { name, definition: RFM });
      expect([twin.status, twin.json.errors[0].pointer]).toEqual([409, '/name']);
      const path = `churn-models/${made.json.id}`;
      const changed = await project.api('PATCH', path, {
        name: 'another',
        schedule: { cron: '0 9 * * *', timeZone: 'Asia/Shanghai', task: 'score' },
      });
      expect(changed.json.schedule).toEqual({ cron: '0 9 * * *', timeZone: 'Asia/Shanghai', task: 'score' });
      expect(Date.parse(changed.json.nextRunAt) % DAY_MS).toBe(3_600_000);
      const bad = await project.api('PATCH', path, { schedule: { cron: 'every day' } });
      expect([bad.status, bad.json.errors[0].pointer]).toEqual([422, '/schedule/cron']);
      expect((await project.api('DELETE', path)).status).toBe(204);
      const listed = (await project.api('GET', 'churn-models?limit=500')).json.items;
      expect(listed.map(({ id }: { id: string }) => id)).not.toContain(made.json.id);
      expect((await project.api('POST', `${path}/runs`, { task: 'train' })).status).toBe(409);
    });

    it('keeps projects and scopes apart', async () => {
      const modelId = await createModel(RFM);
      const trained = await run(modelId, { task: 'train' });
      const other = await rekindle.newProject();
      const paths = ['', `/runs`, `/runs/${trained.id}`, `/runs/${trained.id}/scores`, '/scores/usr_1'];
      for (const path of [...paths, `/runs/${trained.id}/distribution`, `/runs/${trained.id}/export`]) {
        expect([path, (await other.api('GET', `churn-models/${modelId}${path}`)).status]).toEqual([
          path,
          404,
        ]);
      }
      const own = await createModel(RFM, other);
      expect((await other.api('GET', `churn-models/${own}/runs/${trained.id}`)).status).toBe(404);

      const key = (await project.api('POST', 'keys', { name: 'viewer', scopes: ['viewer'] })).json.apiKey;
      const asViewer = (method: string, path: string, body?: unknown) =>
        project.api(method, path, body, { authorization: `Bearer ${key}` });
      expect((await asViewer('GET', `churn-models/${modelId}`)).status).toBe(200);
      expect((await asViewer('POST', 'churn-models', { name: 'no', definition: RFM })).status).toBe(403);
      expect((await asViewer('POST', `churn-models/${modelId}/runs`, { task: 'train' })).status).toBe(403);
    });

    it('cancels a run that waits, and runs it when it is asked for again', async () => {
      const modelId = await createModel(RFM);
      const asOf = (days: number) => new Date(TODAY - days * DAY_MS).toISOString();
      // They run one at a time: the second one has to wait for the first.
      const first = await run(modelId, { task: 'train', asOf: asOf(1) });
      await occupy(rekindle, first.id, true);
      const asked = await project.api('POST', `churn-models/${modelId}/runs`, {
        task: 'train',
        asOf: asOf(0),
      });
      const waiting = asked.json;
      const path = `churn-models/${modelId}/runs/${waiting.id}`;
      const cancelled = await project.api('POST', `${path}/cancel`);
      expect([cancelled.status, cancelled.json.state]).toEqual([200, 'cancelled']);
      expect((await project.api('POST', `${path}/cancel`)).status).toBe(409);
      await occupy(rekindle, first.id, false);
      const again = await run(modelId, { task: 'train', asOf: waiting.asOf });
      expect([again.id, again.state]).toEqual([waiting.id, 'done']);
    });

    it('runs by its schedule', async () => {
      const modelId = await createModel(RFM, project, { schedule: { cron: '* * * * *' } });
      await makeDue(rekindle, 'churn_model', modelId);
      const found = await waitFor(async () => {
        const { json } = await project.api('GET', `churn-models/${modelId}/runs`);
        return json.items.find(({ state }: { state: string }) => state === 'done');
      });
      expect(found).toMatchObject({ trigger: 'schedule', task: 'train' });
      expect(Date.parse(found.asOf) % 60_000).toBe(0);
      await project.api('PATCH', `churn-models/${modelId}`, { schedule: null });
    });
  });
});
