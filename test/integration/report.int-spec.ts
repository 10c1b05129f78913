import { newId } from '../../src/kernel/ids.js';
import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';

const HOUR = 3_600_000;

describe('reports', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject();
    const now = Date.now();
    await rekindle.sendEvents(project.slug, [
      track('anna', 'View', { page: 'a' }, now - 3 * HOUR),
      track('anna', 'Buy', { price: 5 }, now - 2 * HOUR),
      track('bert', 'View', {}, now - 2 * HOUR),
      profileSet('anna', { city: 'Basel' }),
    ]);
    await waitFor(async () => (await usersOf(project)).length === 2);
    // Users are seen a moment before what they did, and what they did month by month.
    await waitFor(async () => (await eventsOf('anna')) === 2 && (await eventsOf('bert')) === 1);
  });
  afterAll(() => rekindle.stop());

  const usersOf = async (of: TestProject, query = '') => (await of.api('GET', `users${query}`)).json.items;
  const findByAnonymousId = async (of: TestProject, id: string) =>
    (await usersOf(of, `?identity=${encodeURIComponent(`$identity_anonymous_id:${id}`)}`))[0];
  const eventsOf = async (id: string): Promise<number> => {
    const user = await findByAnonymousId(project, id);
    return (await project.api('GET', `users/${user.id}/timeline`)).json.items.length;
  };

  it('shows one user with properties and identities', async () => {
    const anna = await waitFor(async () => {
      const found = await findByAnonymousId(project, 'anna');
      return found?.properties.city ? found : null;
    });
    const { status, json } = await project.api('GET', `users/${anna.id}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: anna.id,
      mergedInto: null,
      properties: { city: 'Basel' },
      identities: { $identity_anonymous_id: ['anna'] },
    });
  });

  it('lists users newest first, page by page', async () => {
    const all = await usersOf(project);
    const first = (await project.api('GET', 'users?limit=1')).json;
    const second = (await project.api('GET', `users?limit=1&cursor=${first.nextCursor}`)).json;
    expect([first.items[0].id, second.items[0].id]).toEqual(all.map(({ id }: { id: string }) => id));
    expect(second.nextCursor).toBeNull();
  });

  it('tells what a user did, newest first, page by page', async () => {
    const { id } = await findByAnonymousId(project, 'anna');
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { items: { event: string }[]; nextCursor: string | null } = (
        await project.api('GET', `users/${id}/timeline?limit=1${cursor && `&cursor=${cursor}`}`)
      ).json;
      names.push(...page.items.map(({ event }) => event));
      cursor = page.nextCursor;
    }
    expect(names).toEqual(['Buy', 'View']);
    const filtered = await project.api('GET', `users/${id}/timeline?events=View`);
    expect(filtered.json.items).toMatchObject([
      { event: 'View', isSystem: false, properties: { page: 'a' } },
    ]);
  });

  it('answers with the person into whom a user was merged', async () => {
    const before = await findByAnonymousId(project, 'bert');
    await rekindle.sendEvents(project.slug, [
      { ...track('bert-login', '$SignUp'), type: 'track_signup', original_id: 'other-device' },
    ]);
    await rekindle.sendEvents(project.slug, [
      { ...track('bert-login', '$SignUp'), type: 'track_signup', original_id: 'bert' },
    ]);
    const merged = await waitFor(async () => {
      const found = (await project.api('GET', `users/${before.id}`)).json;
      return found.identities.$identity_login_id ? found : null;
    });
    expect(merged.mergedInto).toBe(merged.id === before.id ? null : merged.id);
    // What made them one is stored a moment after they are.
    await waitFor(async () => {
      const { items } = (await project.api('GET', `users/${before.id}/timeline`)).json;
      const events = items.map(({ event }: { event: string }) => event);
      return events.includes('View') && events.includes('$SignUp');
    });
  });

  it('counts the last 24 hours', async () => {
    const { json, views } = await waitFor(async () => {
      const { json } = await project.api('GET', 'overview');
      const views = json.hours.find(({ users }: { users: number }) => users === 2);
      return views && { json, views };
    });
    expect(json.hours).toHaveLength(24);
    expect(views).toMatchObject({ events: 2, users: 2 });
    expect(json.messages.byState).toMatchObject({ planned: 0, accepted: 0 });
  });

  it.each([
    ['a user', 'users/usr_999999999', 404],
    ['a timeline', 'users/usr_999999999/timeline', 404],
    ['a text that is no id', 'users/nobody', 404],
    ['a campaign', `campaigns/${newId('campaign')}/report`, 404],
    ['an identity without a key', 'users?identity=anna', 422],
    ['a cursor of another list', 'users?cursor=bm9uc2Vuc2U', 422],
  ])('knows nothing of %s that does not exist', async (_case, path, status) => {
    expect((await project.api('GET', path)).status).toBe(status);
  });

  it('shows nothing of another project', async () => {
    const { id } = await findByAnonymousId(project, 'anna');
    const other = await rekindle.newProject();
    expect(await usersOf(other)).toEqual([]);
    expect(await findByAnonymousId(other, 'anna')).toBeUndefined();
    expect((await other.api('GET', `users/${id}`)).status).toBe(404);
    expect((await other.api('GET', `users/${id}/timeline`)).status).toBe(404);
  });
});
