import { cdnowId, readCdnowEvents } from '../support/cdnow.js';
import { type Rekindle, startRekindle, type TestProject, waitFor } from '../support/rekindle.js';

const CUSTOMERS = 2357;
const CUSTOMERS_PER_REQUEST = 250;

/**
 * Published in P. Fader, B. Hardie, K. L. Lee: "Counting your customers" the easy way: an alternative to the
 * Pareto/NBD model. Marketing Science 24 (2005), 275-284; the 39 weeks until 30 September 1997.
 */
const PUBLISHED = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426, logLikelihood: -9582.4 };
/** Published in P. Fader, B. Hardie: The gamma-gamma model of monetary value (2013), on the same customers. */
const PUBLISHED_SPENDING = { p: 6.25, q: 3.74, gamma: 15.44 };

describe('BG/NBD on the CDNOW purchases', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  async function createModel(definition: Record<string, unknown>): Promise<string> {
    const made = await project.api('POST', 'churn-models', {
      name: `model ${Math.random()}`,
      definition: {
        kind: 'bg_nbd',
        activity: { event: 'purchase', valueProperty: 'amount' },
        unit: 'week',
        horizonDays: 39 * 7,
        ...definition,
      },
    });
    expect(made.status).toBe(201);
    return made.json.id;
  }

  async function run(modelId: string, body: Record<string, unknown>) {
    const started = await project.api('POST', `churn-models/${modelId}/runs`, body);
    expect(started.status).toBe(202);
    return waitFor(async () => {
      const { json } = await project.api('GET', `churn-models/${modelId}/runs/${started.json.id}`);
      return json.state === 'done' || json.state === 'failed' ? json : null;
    }, 60_000);
  }

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject();
    const customers = await readCdnowEvents();
    for (let i = 0; i < customers.length; i += CUSTOMERS_PER_REQUEST) {
      const sent = await rekindle.sendEvents(
        project.slug,
        customers.slice(i, i + CUSTOMERS_PER_REQUEST).flat(),
      );
      expect(sent.status).toBe(200);
    }
    // Every purchase: a batch shows month by month as its parts are written.
    await waitFor(async () => {
      const { json } = await project.api('POST', 'query/events', {
        events: ['purchase'],
        range: { from: '2017-01-01', to: '2018-07-02' },
        measures: [{ fn: 'count' }],
      });
      return json.rows[0]?.values[0] === customers.flat().length;
    }, 60_000);
  }, 120_000);
  afterAll(() => rekindle?.stop());

  it('finds the published parameters, and expects of a customer what the paper does', async () => {
    const modelId = await createModel({});
    const trained = await run(modelId, { task: 'train', asOf: '2017-10-01T00:00:00Z' });
    expect(trained).toMatchObject({ state: 'done', error: null, scoredCount: CUSTOMERS });
    const { purchases, spending } = trained.fit;
    expect(purchases.hasConverged).toBe(true);
    expect(purchases.customers).toBe(CUSTOMERS);
    for (const name of ['r', 'alpha', 'a', 'b'] as const)
      expect(Math.abs(purchases[name] / PUBLISHED[name] - 1)).toBeLessThan(0.01);
    expect(Math.abs(purchases.logLikelihood - PUBLISHED.logLikelihood)).toBeLessThan(0.1);
    for (const name of ['p', 'q', 'gamma'] as const)
      expect(Math.abs(spending[name] / PUBLISHED_SPENDING[name] - 1)).toBeLessThan(0.01);

    const found = await project.api('GET', `users?identity=$identity_anonymous_id:${cdnowId('0001')}`);
    const { json } = await project.api('GET', `churn-models/${modelId}/scores/${found.json.items[0].id}`);
    expect(json.details.repeatPurchases).toBe(2);
    expect(json.details.lastPurchase).toBeCloseTo(30.43, 2);
    expect(json.details.observed).toBeCloseTo(38.86, 2);
    expect(Math.abs(json.details.expectedPurchases - 1.226)).toBeLessThan(0.001);
    expect(json.runId).toBe(trained.id);
  });

  it('expects about as many purchases in the 39 weeks after as there were', async () => {
    const modelId = await createModel({ holdoutDays: 39 * 7 });
    const trained = await run(modelId, { task: 'train', asOf: '2018-07-01T00:00:00Z' });
    expect(trained).toMatchObject({ state: 'done', error: null });
    // Fitted on the first 39 weeks alone, as before.
    expect(trained.fit.purchases.logLikelihood).toBeCloseTo(PUBLISHED.logLikelihood, 0);
    const { holdout, validation } = trained.report;
    const sumOf = (field: 'customers' | 'expected' | 'actual') =>
      holdout.reduce((sum: number, row: Record<string, number>) => sum + (row[field] ?? 0), 0);
    expect(sumOf('customers')).toBe(CUSTOMERS);
    expect(sumOf('actual')).toBe(1882);
    expect(Math.abs(sumOf('expected') / sumOf('actual') - 1)).toBeLessThan(0.15);
    expect(validation.users).toBe(CUSTOMERS);
    expect(validation.auc).toBeGreaterThan(0.7);
    expect(validation.calibration).toHaveLength(10);
    const offBy = validation.calibration.map((bin: { predicted: number; actual: number }) =>
      Math.abs(bin.predicted - bin.actual),
    );
    expect(Math.max(...offBy)).toBeLessThan(0.15);
    // On these customers the days since the last purchase rank better, and the report says so.
    expect(validation.baseline.auc).toBeGreaterThan(validation.auc);
    expect(trained.report.warnings).toEqual([expect.stringContaining('days since the last activity')]);
  });
});
