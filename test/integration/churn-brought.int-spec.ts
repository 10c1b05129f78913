import { type Rekindle, type TestProject, track, waitFor } from '../support/rekindle.js';
import { LABELLED, startWithVisits, TODAY, VISITORS, type Visits } from '../support/visits.js';
import { endlessOnnx, hungryOnnx, logisticOnnx, writeOnnx } from '../support/write-onnx.js';

const DAY_MS = 86_400_000;

describe('Scores that come from elsewhere', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let setId: string;
  let idOf: Visits['idOf'];
  let send: Visits['send'];

  beforeAll(async () => {
    ({ rekindle, project, setId, idOf, send } = await startWithVisits({
      // The start of a process counts too, which takes its time on a busy machine.
      CHURN_MODEL_ANSWER_MS: '10000',
      CHURN_MODEL_FILE_BYTES: '100000',
    }));
  }, 120_000);
  afterAll(() => rekindle?.stop());

  async function newModel(definition: Record<string, unknown>): Promise<string> {
    const made = await project.api('POST', 'churn-models', { name: `m${Math.random()}`, definition });
    expect(made.status).toBe(201);
    return made.json.id;
  }

  const ONNX = {
    kind: 'onnx',
    inputs: { tensor: ['events_30d', 'days_since_last_event'] },
    missing: { value: 0 },
    output: { name: 'churn' },
  };
  const newOnnx = (more = {}) => newModel({ ...ONNX, featureSet: setId, ...more });

  async function run(modelId: string, body: Record<string, unknown>) {
    const started = await project.api('POST', `churn-models/${modelId}/runs`, body);
    expect(started.status).toBe(202);
    return waitFor(async () => {
      const { json } = await project.api('GET', `churn-models/${modelId}/runs/${started.json.id}`);
      return ['done', 'failed'].includes(json.state) ? json : null;
    }, 60_000);
  }

  it('are those of an ONNX model, to the last digit that float32 has, and judged by the labels', async () => {
    const modelId = await newOnnx();
    expect((await project.api('POST', `churn-models/${modelId}/runs`, { task: 'train' })).status).toBe(409);
    const sent = await send(
      `churn-models/${modelId}/file?trainedUntil=2020-01-01T00:00:00Z`,
      logisticOnnx([-0.1, 0.05], 0.5),
    );
    expect(sent).toMatchObject({ status: 200, json: { state: 'ready', faults: [] } });
    expect(
      (
        await send(
          `churn-models/${modelId}/file?trainedUntil=2020-01-01T00:00:00Z`,
          logisticOnnx([-0.1, 0.05], 0.5),
        )
      ).json.id,
    ).toBe(sent.json.id);

    const trained = await run(modelId, { task: 'train' });
    expect(trained).toMatchObject({
      state: 'done',
      scoredCount: VISITORS,
      fit: { kind: 'onnx', fileId: sent.json.id, cutoff: new Date(TODAY).toISOString() },
    });
    expect(trained.fit.judgedBy.cutoff).toBe(new Date(LABELLED).toISOString());
    // More visits mean less churn, in the labels and in the model: the order is perfect.
    expect(trained.report.validation).toMatchObject({
      users: VISITORS,
      churned: 20,
      auc: 1,
      liftInTopDecile: 2,
    });
    expect(trained.report.validation.baseline.auc).toBeCloseTo(0.5, 1);
    expect(trained.report.warnings).toEqual([]);

    // User 5 came 6 times, the last time 20 days before the cutoff.
    const shown = await project.api('GET', `churn-models/${modelId}/scores/${await idOf(5)}`);
    expect(shown.json.score).toBeCloseTo(1 / (1 + Math.exp(-(0.5 - 0.1 * 6 + 0.05 * 20))), 6);
    const exported = await project.api('GET', `churn-models/${modelId}/runs/${trained.id}/distribution`);
    expect(exported.json.users).toBe(VISITORS);
  });

  it('are those of the snapshot as of the moment, with a word on a file that is newer', async () => {
    const modelId = await newOnnx();
    await send(`churn-models/${modelId}/file`, logisticOnnx([0, 0.05], 0));
    const past = await run(modelId, { task: 'score', asOf: new Date(TODAY - DAY_MS).toISOString() });
    expect(past).toMatchObject({ state: 'done', fit: { cutoff: new Date(LABELLED).toISOString() } });
    expect(past.report.warnings).toEqual([
      'The file is newer than the moment of the run: it may know what came after.',
    ]);
    const early = await run(modelId, { task: 'score', asOf: new Date(LABELLED - DAY_MS).toISOString() });
    expect(early).toMatchObject({ state: 'failed', attempts: 1 });
  });

  it('are not taken from a file that does not fit, hangs, or wants too much', async () => {
    const one = { inputs: { tensor: ['events_30d'] } };
    const faults = async (file: Buffer, more = {}) => {
      const { status, json } = await send(`churn-models/${await newOnnx(more)}/file`, file);
      expect({ status, code: json.code }).toEqual({ status: 422, code: 'model_file_refused' });
      return json.errors.map(({ code }: { code: string }) => code);
    };
    expect(await faults(Buffer.from('no model'))).toEqual(['not_onnx']);
    expect(await faults(logisticOnnx([1], 0))).toEqual(['wrong_inputs']);
    expect(await faults(hungryOnnx(4_000), one)).toEqual(['cannot_be_run']);
    expect(await faults(endlessOnnx(), one)).toEqual(['cannot_be_run']);
    const opset = writeOnnx({
      opset: 99,
      nodes: [{ type: 'Identity', inputs: ['X'], outputs: ['churn'] }],
      inputs: [{ name: 'X', shape: ['users', 1] }],
      outputs: [{ name: 'churn', shape: ['users', 1] }],
    });
    expect(await faults(opset, one)).toEqual(['cannot_be_loaded']);
    const large = await send(`churn-models/${await newOnnx()}/file`, Buffer.alloc(100_001));
    expect(large.status).toBe(413);
    expect((await send(`churn-models/${await newOnnx()}/file`, '{}', 'application/json')).status).toBe(415);
  }, 120_000);

  it('need a feature set that has the features', async () => {
    const make = async (more: Record<string, unknown>) =>
      (
        await project.api('POST', 'churn-models', {
          name: `m${Math.random()}`,
          definition: { ...ONNX, ...more },
        })
      ).json;
    const unknownSet = await make({ featureSet: `fst_${'0'.repeat(26)}` });
    expect(unknownSet.errors).toMatchObject([
      { pointer: '/definition/featureSet', code: 'unknown_feature_set' },
    ]);
    const unknown = await make({ featureSet: setId, inputs: { tensor: ['events_30d', 'nope'] } });
    expect(unknown.errors).toMatchObject([
      { pointer: '/definition/inputs/tensor/1', code: 'unknown_feature' },
    ]);
  });

  it('are uploaded, row by row with a reason where one is of no use', async () => {
    const modelId = await newModel({ kind: 'uploaded' });
    const path = `churn-models/${modelId}/scores`;
    const first = await idOf(1);
    const csv = `user,score\n${first},0.25\n$identity_anonymous_id:user-2,0.75\nusr_999999,0.5\nbob,0.5\n${first},2\n${first},0.5\n`;
    const sent = await send(path, csv, 'text/csv', 'POST');
    expect(sent.status).toBe(201);
    expect(sent.json).toMatchObject({ state: 'done', trigger: 'upload', scoredCount: 2 });
    expect(sent.json.upload).toMatchObject({
      rows: 6,
      matched: 2,
      unknown: 1,
      repeated: 1,
      invalid: 2,
      reasons: { unknown_user: 1, invalid_user: 1, invalid_score: 1, repeated_user: 1 },
      examples: [
        { line: 4, reason: 'unknown_user' },
        { line: 5, reason: 'invalid_user' },
        { line: 6, reason: 'invalid_score' },
        { line: 7, reason: 'repeated_user' },
      ],
    });
    expect((await project.api('GET', `${path}/${first}`)).json).toMatchObject({
      score: 0.5,
      runId: sent.json.id,
    });

    const asOf = new Date(TODAY).toISOString();
    const lines = `{"user":"${first}","score":1}\n`;
    expect((await send(`${path}?asOf=${asOf}`, lines, 'application/x-ndjson', 'POST')).status).toBe(201);
    expect((await send(`${path}?asOf=${asOf}`, lines, 'application/x-ndjson', 'POST')).status).toBe(409);
    expect((await send(path, 'user,score\nbob,1\n', 'text/csv', 'POST')).status).toBe(422);
    expect((await send(path, 'a,b\n', 'text/csv', 'POST')).json.errors[0].code).toBe('unreadable_file');
    expect((await project.api('POST', `churn-models/${modelId}/runs`, { task: 'score' })).status).toBe(409);
    const exported = await fetch(
      `${rekindle.url}/api/v1/projects/${project.slug}/churn-models/${modelId}/runs/${sent.json.id}/export`,
      { headers: { authorization: `Bearer ${rekindle.adminKey}` } },
    );
    expect(await exported.text()).toContain(`"${first}",0.5`);
  });

  describe('in segments', () => {
    let modelId: string;
    const preview = (where: unknown) =>
      project.api('POST', 'segments/preview', { definition: { version: 1, where } });
    const ofFeature = (value: number, more = {}) => ({
      feature: { set: setId, name: 'events_30d', ...more },
      compare: { op: 'at_least', value },
    });
    const ofScore = (of: string, value: number) => ({
      score: { model: modelId, of },
      compare: { op: 'at_least', value },
    });

    beforeAll(async () => {
      modelId = await newModel({ kind: 'uploaded' });
      const lines = Array.from(
        { length: 10 },
        (_, user) => `{"user":"$identity_anonymous_id:user-${user}","score":${user / 10}}\n`,
      );
      await send(`churn-models/${modelId}/scores`, lines.join(''), 'application/x-ndjson', 'POST');
    });

    it('are read from the latest snapshot and run, by SQL as for one user alone', async () => {
      // As of today user 20 has 22 events; user 19, who did not come back, has 20.
      const wheres: [unknown, number][] = [
        [ofFeature(21), 20],
        [{ none: [ofFeature(21)] }, 20],
        [ofScore('score', 0.75), 2],
        [ofScore('decile', 9), 2],
        [{ any: [ofScore('decile', 10), ofFeature(41)] }, 2],
        [
          {
            all: [ofFeature(5), { event: 'visit', window: 'all_time', compare: { op: 'at_most', value: 6 } }],
          },
          2,
        ],
      ];
      for (const [where, count] of wheres) {
        const shown = await preview(where);
        expect([shown.status, shown.json.count, shown.json.warnings]).toEqual([200, count, []]);
      }
      const [where] = wheres[4] ?? [];
      const members: number[] = [];
      for (const user of [0, 8, 9, 10, 38, 39]) {
        const body = { user: await idOf(user), definition: { version: 1, where } };
        if ((await project.api('POST', 'segments/explain', body)).json.isMember) members.push(user);
      }
      expect(members).toEqual([9, 39]);
    });

    it('are explained with the value, the threshold, and where it was read', async () => {
      const body = { user: await idOf(20), definition: { version: 1, where: ofFeature(21) } };
      const { json } = await project.api('POST', 'segments/explain', body);
      expect(json).toMatchObject({
        isMember: true,
        where: {
          kind: 'feature',
          actual: 22,
          threshold: { op: 'at_least', value: 21 },
          condition: ofFeature(21),
          source: { asOf: new Date(TODAY).toISOString() },
        },
      });
    });

    it('are those as of the moment of a run, and refused where they are too old', async () => {
      const makeRun = async (more: Record<string, unknown>, asOf: number) => {
        const where = ofFeature(22, more);
        const made = await project.api('POST', 'segments', {
          name: `s${Math.random()}`,
          definition: { version: 1, where },
        });
        expect(made.status).toBe(201);
        const path = `segments/${made.json.id}/runs`;
        const started = await project.api('POST', path, { asOf: new Date(asOf).toISOString() });
        return waitFor(async () => {
          const { json } = await project.api('GET', `${path}/${started.json.id}`);
          return ['done', 'failed'].includes(json.state) ? json : null;
        });
      };
      expect(await makeRun({ maxAgeHours: 1 }, TODAY)).toMatchObject({ state: 'done', memberCount: 20 });
      expect(await makeRun({}, TODAY - DAY_MS)).toMatchObject({ state: 'done', memberCount: 19 });
      expect(await makeRun({}, LABELLED - 1)).toMatchObject({ state: 'done', memberCount: 0 });
      const old = await newModel({ kind: 'uploaded' });
      const asOf = new Date(TODAY - 2 * DAY_MS).toISOString();
      const line = `{"user":"${await idOf(1)}","score":1}\n`;
      await send(`churn-models/${old}/scores?asOf=${asOf}`, line, 'application/x-ndjson', 'POST');
      const ofOld = (maxAgeHours: number) =>
        preview({ score: { model: old, maxAgeHours }, compare: { op: 'equals', value: 1 } });
      expect((await ofOld(96)).json.count).toBe(1);
      const stale = await ofOld(24);
      expect([stale.status, stale.json.errors[0].pointer, stale.json.errors[0].code]).toEqual([
        422,
        '/definition/where/score',
        'stale_values',
      ]);
    });

    it('have to be there, and not archived', async () => {
      const fault = async (where: unknown) => {
        const { status, json } = await preview(where);
        return [status, json.errors?.[0]?.pointer, json.errors?.[0]?.code];
      };
      const zeros = '0'.repeat(26);
      expect(await fault({ all: [ofFeature(1, { set: `fst_${zeros}` })] })).toEqual([
        422,
        '/definition/where/all/0/feature/set',
        'unknown_feature_set',
      ]);
      expect(await fault(ofFeature(1, { name: 'nope' }))).toEqual([
        422,
        '/definition/where/feature/name',
        'unknown_feature',
      ]);
      expect(await fault(ofScore('gapRatio', 1))).toEqual([
        422,
        '/definition/where/score/of',
        'unknown_detail',
      ]);
      const archived = await newModel({ kind: 'uploaded' });
      const where = { score: { model: archived }, compare: { op: 'at_least', value: 0 } };
      const empty = await preview(where);
      expect(empty.json).toMatchObject({
        count: 0,
        warnings: [{ pointer: '/definition/where/score', code: 'no_values' }],
      });
      await project.api('DELETE', `churn-models/${archived}`);
      expect(await fault(where)).toEqual([422, '/definition/where/score/model', 'archived']);
    });
  });

  it('are shown in messages, and hold those of users who have none', async () => {
    const modelId = await newModel({ kind: 'uploaded' });
    const user = await idOf(20);
    await send(
      `churn-models/${modelId}/scores`,
      `{"user":"${user}","score":0.5}\n`,
      'application/x-ndjson',
      'POST',
    );
    const made = await project.api('POST', 'templates', {
      slug: 'computed',
      subject: 'You came {{computed.features.visits.events_30d}} times',
      text: `{{formatNumber computed.scores.${modelId}.score decimals=2}} {{computed.scores.${modelId}.decile}}`,
    });
    expect(made.status).toBe(201);
    expect(made.json.requiredVariables).toContain('computed.features.visits.events_30d');
    const preview = (userId: string) => project.api('POST', 'templates/computed/preview', { userId });
    expect((await preview(user)).json).toMatchObject({ subject: 'You came 22 times', text: '0.50 1' });
    const without = await preview(await idOf(21));
    expect(JSON.stringify(without.json)).toContain(`computed.scores.${modelId}.score`);
    expect(JSON.stringify(without.json)).not.toContain('events_30d');
  });

  it('are asked by triggers, and a user who has none is told apart', async () => {
    const modelId = await newModel({ kind: 'uploaded' });
    const user = await idOf(20);
    await send(
      `churn-models/${modelId}/scores`,
      `{"user":"${user}","score":0.5}\n`,
      'application/x-ndjson',
      'POST',
    );
    const rule = (model: string) => ({
      version: 1,
      on: {
        event: 'ping',
        values: [
          { score: { model }, compare: { op: 'at_least', value: 0.5 } },
          { feature: { set: setId, name: 'events_30d' }, compare: { op: 'equals', value: 22 } },
        ],
      },
      actions: [{ type: 'webhook', url: 'http://localhost:9/hook' }],
    });
    const refused = await project.api('POST', 'triggers', { name: 'x', rule: rule(`chm_${'0'.repeat(26)}`) });
    expect(refused.json.errors).toMatchObject([
      { pointer: '/rule/on/values/0/score/model', code: 'unknown_model' },
    ]);
    const made = await project.api('POST', 'triggers', { name: 'pinged', rule: rule(modelId) });
    expect(made.status).toBe(201);
    const decisions = await waitFor(async () => {
      const now = Date.now();
      await rekindle.sendEvents(project.slug, [
        track('user-20', 'ping', {}, now),
        track('user-21', 'ping', {}, now),
      ]);
      const { json } = await project.api('GET', `triggers/${made.json.id}/decisions`);
      return json.items.length >= 2 ? json.items : null;
    });
    const reasons = new Map(
      decisions.map((each: { userId: string; outcome: string; reason: string | null }) => [
        each.userId,
        each.reason ?? each.outcome,
      ]),
    );
    expect(reasons).toEqual(
      new Map([
        [user, 'fired'],
        [await idOf(21), 'value_not_met'],
      ]),
    );
  });
});
