import type { ItemRecord } from '../../src/kernel/event.js';
import { ClickHouse } from '../../src/platform/clickhouse/clickhouse.js';
import { Database } from '../../src/platform/db/database.js';
import { ItemRepository } from '../../src/store/data/item.repository.js';
import { ItemService } from '../../src/store/item.service.js';
import { type Rekindle, startRekindle, type TestProject, waitFor } from '../support/rekindle.js';
import { clickhouseUrlOf, databaseUrlOf, queryClickHouse } from '../support/stores.js';

describe('items', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let projectId: number;

  beforeAll(async () => {
    rekindle = await startRekindle();
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
    projectId = await findProjectId();
  });
  afterAll(() => rekindle.stop());

  const findProjectId = async () => {
    const db = await openDatabase();
    try {
      const [row] = await db.query<{ id: number }>('SELECT id FROM project WHERE slug = $1', [project.slug]);
      return row?.id ?? 0;
    } finally {
      await db.close();
    }
  };
  const openDatabase = async () =>
    Database.connect({ url: await databaseUrlOf(rekindle), poolSize: 2, entities: [], migrations: [] });
  const record = (type: string, id: string, properties?: Record<string, unknown>, itemType = 'book') => ({
    type,
    item_type: itemType,
    item_id: id,
    time: Date.now(),
    ...(properties ? { properties } : {}),
  });
  const send = async (...records: Record<string, unknown>[]) => {
    expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
  };
  const get = (id: string, itemType = 'book') =>
    project.api('GET', `items/${itemType}/${encodeURIComponent(id)}`);
  const idsOf = async (query = '') =>
    (await project.api('GET', `items/book${query}`)).json.items.map(({ id }: { id: string }) => id);
  const inClickHouse = () =>
    queryClickHouse<{ id: string; title: string }>(
      rekindle,
      `SELECT item_id AS id, toString(properties.title) AS title FROM item FINAL WHERE project_id = ${projectId} ORDER BY id`,
    );

  it('are set, replaced and deleted by records, in the order received, for reads and for joins alike', async () => {
    await send(
      record('item_set', '1', { title: 'first', pages: 10 }),
      record('item_set', '2', { title: 'second' }),
      record('item_set', '3', { title: 'third', 'no good': 1 }),
      record('item_set', '1', { title: 'first again' }),
      record('item_delete', '2'),
    );
    await send(record('item_delete', '3'), record('item_set', '3', { title: 'back' }));
    await waitFor(async () => (await get('3')).json.properties.title === 'back');
    expect((await get('1')).json).toMatchObject({
      type: 'book',
      id: '1',
      properties: { title: 'first again' },
    });
    expect((await get('2')).status).toBe(404);
    expect(await inClickHouse()).toEqual([
      { id: '1', title: 'first again' },
      { id: '3', title: 'back' },
    ]);
    expect((await project.api('GET', 'users')).json.items).toEqual([]);
  });

  it('change nothing when their batch is done again, not even after a change by the API', async () => {
    const db = await openDatabase();
    const clickhouse = new ClickHouse({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
    try {
      const items = new ItemService(new ItemRepository(db, clickhouse));
      const set = (itemId: string, title: string): ItemRecord => ({
        projectId,
        type: 'item_set',
        itemType: 'book',
        itemId,
        properties: { title },
      });
      const batch = [set('1', 'by batch'), set('2', 'by batch'), set('3', 'by batch')];
      await items.apply(1_000, batch);
      await project.api('PUT', 'items/book/1', { properties: { title: 'by hand' } });
      await project.api('DELETE', 'items/book/2');
      await items.apply(1_000, batch);
      const expected = [
        { id: '1', title: 'by hand' },
        { id: '3', title: 'by batch' },
      ];
      expect(await inClickHouse()).toEqual(expected);
      expect((await get('1')).json.properties).toEqual({ title: 'by hand' });
      expect((await get('2')).status).toBe(404);
      await items.apply(1_001, [set('2', 'next batch')]);
      expect((await get('2')).json.properties).toEqual({ title: 'next batch' });
    } finally {
      await clickhouse.close();
      await db.close();
    }
  });

  it('are made, read and deleted by the API, whatever their id looks like', async () => {
    for (const id of ['a/b', '../../etc/passwd', '100%', '商品 1', 'x'.repeat(255), 'a?b#c', '%2F']) {
      const path = `items/book/${encodeURIComponent(id)}`;
      const made = await project.api('PUT', path, { properties: { title: id, tags: ['a', 'b'], n: 1.5 } });
      expect(made).toMatchObject({
        status: 200,
        json: { id, properties: { title: id, tags: ['a', 'b'], n: 1.5 } },
      });
      expect((await get(id)).json.id).toBe(id);
      expect((await project.api('DELETE', path)).status).toBe(204);
      expect((await project.api('DELETE', path)).status).toBe(404);
      expect((await get(id)).status).toBe(404);
    }
  });

  it('refuse what cannot be stored, field by field', async () => {
    const wrong = await project.api('PUT', 'items/book/1', {
      properties: { ok: 1, 'no good': 2, deep: { a: 1 }, nul: 'a\u0000' },
    });
    expect(wrong.status).toBe(422);
    expect(wrong.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/properties/no good',
      '/properties/deep',
      '/properties/nul',
    ]);
    expect((await project.api('PUT', 'items/no%20good/1', { properties: {} })).status).toBe(422);
    expect((await project.api('PUT', `items/book/${'x'.repeat(256)}`, { properties: {} })).status).toBe(422);
    expect((await project.api('PUT', 'items/book/1', {})).status).toBe(422);
  });

  it('are listed by id, searched in ids and properties, and counted by type', async () => {
    await send(
      ...['a-1', 'a-2', 'b-1'].map((id) => record('item_set', id, { title: `Title of ${id}` })),
      record('item_set', 'f-1', { title: 'A film' }, 'film'),
    );
    await waitFor(async () => (await get('f-1', 'film')).status === 200);
    const first = (await project.api('GET', 'items/book?limit=2')).json;
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(['a-1', 'a-2']);
    expect(await idsOf(`?cursor=${first.nextCursor}`)).toEqual(['b-1']);
    expect(await idsOf('?contains=A-')).toEqual(['a-1', 'a-2']);
    expect(await idsOf('?contains=title%20of%20B')).toEqual(['b-1']);
    expect(await idsOf('?contains=nowhere')).toEqual([]);
    const types = (await project.api('GET', 'item-types')).json;
    expect(types.items).toMatchObject([
      { type: 'book', itemCount: 3 },
      { type: 'film', itemCount: 1 },
    ]);
    const page = (await project.api('GET', 'item-types?limit=1')).json;
    expect(page.items).toMatchObject([{ type: 'book' }]);
    expect((await project.api('GET', `item-types?cursor=${page.nextCursor}`)).json.items).toMatchObject([
      { type: 'film' },
    ]);
  });

  it('belong to one project and need a key with the scope', async () => {
    await project.api('PUT', 'items/book/1', { properties: { title: 'mine' } });
    const other = await rekindle.newProject();
    expect((await other.api('GET', 'items/book/1')).status).toBe(404);
    expect((await other.api('GET', 'items/book')).json.items).toEqual([]);
    expect((await other.api('GET', 'item-types')).json.items).toEqual([]);
    const { apiKey } = (await project.api('POST', 'keys', { name: 'viewer', scopes: ['viewer'] })).json;
    const asViewer = { authorization: `Bearer ${apiKey}` };
    expect((await project.api('GET', 'items/book/1', undefined, asViewer)).status).toBe(200);
    expect((await project.api('DELETE', 'items/book/1', undefined, asViewer)).status).toBe(403);
    expect((await other.api('GET', 'items/book', undefined, asViewer)).status).toBe(404);
    const { items } = (await project.api('GET', 'audit')).json;
    expect(items.some(({ path }: { path: string }) => path?.includes('items/book/1'))).toBe(true);
  });

  it('without a type or an id are dead letters', async () => {
    await send(
      { type: 'item_set', item_id: '1', properties: {} },
      { type: 'item_set', item_type: 'book', properties: {} },
    );
    const reasons = await waitFor(async () => {
      const { items } = (await project.api('GET', 'dead-letters')).json;
      return items.length === 2 && items.map(({ reason }: { reason: string }) => reason).sort();
    });
    expect(reasons).toEqual(['invalid_name', 'missing_item_id']);
  });
});
