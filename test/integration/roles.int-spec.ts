import { type Rekindle, startRekindle, track, waitFor } from '../support/rekindle.js';
import { clickhouseUrlOf, databaseUrlOf } from '../support/stores.js';

/** One process as the whole but its front door, another as the front door, on the same stores by URL. */
describe('roles and stores by URL', () => {
  const SECRET_KEY = 'a-secret-key-that-both-share-0123456789';
  let back: Rekindle;
  let front: Rekindle;
  let stores: Record<string, string>;

  beforeAll(async () => {
    back = await startRekindle({ ROLE: 'api,worker,scheduler', SECRET_KEY });
    stores = {
      DATABASE_URL: await databaseUrlOf(back),
      CLICKHOUSE_URL: await clickhouseUrlOf(back),
      SECRET_KEY,
    };
    front = await startRekindle({ ROLE: 'collect', ...stores });
  });
  afterAll(async () => {
    await front?.stop();
    await back.stop();
  });

  it('brings events from the front door to the timeline', async () => {
    const project = await back.newProject();
    await waitFor(async () => {
      await front.sendEvents(project.slug, [track('visitor', 'Visit')]);
      const { items } = (await project.api('GET', 'users?identity=$identity_anonymous_id:visitor')).json;
      return items.length === 1;
    });
  });

  it('serves in each process what its role is, and nothing else', async () => {
    expect((await fetch(`${back.url}/sa?project=default`)).status).toBe(404);
    expect((await fetch(`${back.url}/t/x`)).status).toBe(404);
    expect((await front.api('GET', 'projects')).status).toBe(404);
    expect((await fetch(`${front.url}/docs`)).status).toBe(404);
    expect((await fetch(`${front.url}/health/ready`)).status).toBe(200);
  });

  it('refuses to serve external stores with pending migrations, and says what to do', async () => {
    const start = startRekindle({ ...stores, CLICKHOUSE_DATABASE: 'untouched' });
    await expect(start).rejects.toThrow(
      'pending migrations in ClickHouse: make a backup, then run "npm run migrate"',
    );
  });

  it('says which store does not answer', async () => {
    const start = startRekindle({ ...stores, DATABASE_URL: 'postgres://nobody:x@127.0.0.1:9/none' });
    await expect(start).rejects.toThrow(/PostgreSQL cannot be used .*: check DATABASE_URL/);
  });
});
