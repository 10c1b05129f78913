import {
  type Answer,
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';

interface Item {
  id: string;
  properties?: Record<string, unknown>;
  [field: string]: unknown;
}

describe('users and identities', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle();
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
  });
  afterAll(() => rekindle.stop());

  const send = async (...records: Record<string, unknown>[]) => {
    expect((await rekindle.sendEvents(project.slug, records)).status).toBe(200);
  };
  const login = (id: string, device: string) => ({
    ...track(id, '$SignUp'),
    type: 'track_signup',
    original_id: device,
    login_id: id,
  });
  const bind = (identities: Record<string, string>) => ({
    ...track(Object.values(identities)[0] ?? '', '$BindID'),
    type: 'track_id_bind',
    identities,
  });
  const find = async (key: string, value: string): Promise<Item | undefined> =>
    (await project.api('GET', `users?identity=${encodeURIComponent(`${key}:${value}`)}`)).json.items[0];
  const byLogin = (id: string) => waitFor(() => find('$identity_login_id', id));
  const byDevice = (id: string) => waitFor(() => find('$identity_anonymous_id', id));
  const eventsOf = async (id: string): Promise<string[]> =>
    (await project.api('GET', `users/${id}/timeline`)).json.items
      .map(({ event }: { event: string }) => event)
      .sort();
  const countUsers = async (event: string): Promise<number> => {
    const where = { event, window: 'all_time', compare: { op: 'at_least', value: 1 } };
    return (await project.api('POST', 'segments/preview', { definition: { version: 1, where } })).json.count;
  };
  const refusals = async (): Promise<Item[]> => (await project.api('GET', 'identity-refusals')).json.items;
  const merges = async (path = 'merges'): Promise<Item[]> => (await project.api('GET', path)).json.items;
  /** What became of a merge or an undo; the answer itself waits a few seconds for its turn. */
  const outcomeOf = async ({ json }: Answer): Promise<Answer['json']> => {
    if (json.state !== 'pending') return json;
    return waitFor(async () => {
      const asked = await project.api('GET', `merge-requests/${json.id}`);
      return asked.status === 200 && asked.json;
    });
  };
  /** A merge and an undo are done before the stores that tell of events know of it. */
  const expectEvents = async (id: string, expected: string[]) => {
    await waitFor(async () => (await eventsOf(id)).join() === expected.join());
  };

  describe('rules', () => {
    it('have defaults, are replaced as a whole and are checked', async () => {
      const before = (await project.api('GET', 'identity-rules')).json;
      expect(before).toMatchObject({ uniqueKeys: ['$identity_login_id'], mergesPerUser: 500, loginKeys: [] });
      const saved = await project.api('PUT', 'identity-rules', {
        uniqueKeys: ['passport'],
        mergesPerUser: 3,
      });
      expect(saved.json).toMatchObject({ uniqueKeys: ['passport'], mergesPerUser: 3, claimsPerValue: 5 });
      const wrong = await project.api('PUT', 'identity-rules', { uniqueKeys: ['$identity_idfv'] });
      expect([wrong.status, wrong.json.errors[0].pointer]).toEqual([422, '/uniqueKeys/0']);
    });

    it('keep a second login under a key of the app apart from the first on the same device', async () => {
      const signUp = (member: string) => ({
        ...track(`member_no+${member}`, '$SignUp'),
        type: 'track_signup',
        original_id: 'kiosk',
        login_id: `member_no+${member}`,
        identities: { $identity_cookie_id: 'kiosk', member_no: member },
      });
      await send(signUp('7'), signUp('8'));
      const seven = await waitFor(() => find('member_no', '7'));
      const eight = await waitFor(() => find('member_no', '8'));
      expect(eight.id).not.toBe(seven.id);
      expect((await find('$identity_cookie_id', 'kiosk'))?.id).toBe(seven.id);
      expect((await project.api('GET', 'identity-rules')).json.loginKeys).toEqual(['member_no']);
    });

    it('join nobody by a value that stands for nothing, and show the claim', async () => {
      await send(login('ada', 'null'), login('ben', 'null'), track('null', 'View'));
      const [ada, ben] = [await byLogin('ada'), await byLogin('ben')];
      expect(ada.id).not.toBe(ben.id);
      await waitFor(() => find('$identity_anonymous_id', 'null'));
      expect(await refusals()).toMatchObject([
        { reason: 'blocked_value', identity: { value: 'null' }, claimedBy: null, times: 2 },
      ]);
    });

    it('leave an e-mail with the first of two users who both have logins, count the claims, then trust it no more', async () => {
      await project.api('PUT', 'identity-rules', { claimsPerValue: 2 });
      const email = 'family@example.com';
      await send(login('mum', 'd1'), bind({ $identity_login_id: 'mum', $identity_email: email }));
      const mum = await waitFor(() => find('$identity_email', email));
      await send(bind({ $identity_login_id: 'dad', $identity_email: email }));
      await send(bind({ $identity_login_id: 'dad', $identity_email: email }));
      await send(bind({ $identity_login_id: 'son', $identity_email: email }));
      await waitFor(async () => (await refusals()).length === 2);
      const dad = await byLogin('dad');
      expect(await refusals()).toMatchObject([
        { reason: 'other_login', owner: mum.id, times: 1 },
        { reason: 'other_login', claimedBy: dad.id, owner: mum.id, times: 2 },
      ]);
      await send(track('tablet', 'View'), bind({ $identity_email: email, $identity_anonymous_id: 'tablet' }));
      const shared = await waitFor(async () =>
        (await refusals()).find(({ reason }) => reason === 'shared_value'),
      );
      expect(shared).toMatchObject({ identity: { value: email }, owner: mum.id });
      expect((await byDevice('tablet')).id).not.toBe(mum.id);
    });

    it('limit how many users are merged into one', async () => {
      await project.api('PUT', 'identity-rules', { mergesPerUser: 2 });
      const devices = ['d1', 'd2', 'd3', 'd4'];
      await send(track('guest', 'Start'), ...devices.map((device) => track(device, 'View')));
      await waitFor(() => find('$identity_anonymous_id', 'd4'));
      await send(...devices.map((device) => login('guest', device)));
      await waitFor(async () => (await refusals()).length === 2);
      expect(await merges()).toHaveLength(2);
      expect(new Set((await refusals()).map(({ reason }) => reason))).toEqual(new Set(['too_many_merges']));
      await waitFor(async () => (await countUsers('View')) === 3);
    });

    it('unbind an e-mail, but no device', async () => {
      const unbind = (identities: Record<string, string>) => ({
        ...track('ada', '$UnbindID'),
        type: 'track_id_unbind',
        identities,
      });
      await send(login('ada', 'd1'), bind({ $identity_login_id: 'ada', $identity_email: 'a@example.com' }));
      const ada = await waitFor(() => find('$identity_email', 'a@example.com'));
      await send(unbind({ $identity_email: 'a@example.com' }), unbind({ $identity_anonymous_id: 'd1' }));
      await waitFor(async () => (await refusals()).length === 1);
      expect((await refusals())[0]).toMatchObject({
        reason: 'key_not_unbindable',
        identity: { value: 'd1' },
      });
      expect(await find('$identity_email', 'a@example.com')).toBeUndefined();
      expect((await byDevice('d1')).id).toBe(ada.id);
    });
  });

  describe('merges', () => {
    it('tell what caused them and what both had', async () => {
      await send(login('ada', 'phone'), track('tablet', 'OnTablet'));
      const tablet = await byDevice('tablet');
      const ada = await byLogin('ada');
      await send(login('ada', 'tablet'));
      const [merge] = await waitFor(async () => {
        const items = await merges();
        return items.length === 1 ? items : null;
      });
      expect(merge).toMatchObject({
        from: tablet.id,
        into: ada.id,
        cause: { event: '$SignUp', requestedBy: null },
        identities: {
          from: { $identity_anonymous_id: ['tablet'] },
          into: { $identity_login_id: ['ada'], $identity_anonymous_id: ['ada', 'phone'] },
        },
        undoneAt: null,
      });
      for (const id of [ada.id, tablet.id]) expect(await merges(`users/${id}/merges`)).toEqual([merge]);
      expect((await project.api('GET', 'users/usr_999999999/merges')).status).toBe(404);
      const other = await rekindle.newProject();
      expect((await other.api('GET', 'merges')).json.items).toEqual([]);
      expect((await other.api('GET', `users/${ada.id}/merges`)).status).toBe(404);
      expect((await other.api('POST', `merges/${merge?.id}/undo`)).status).toBe(404);
    });

    it('are shown before they are done, and done as they were shown', async () => {
      await send(
        track('a', 'View'),
        profileSet('a', { city: 'Ghent', visits: 1 }),
        track('b', 'View'),
        track('b', 'View'),
        profileSet('b', { city: 'Bruges', plan: 'gold' }),
      );
      const [a, b] = [await byDevice('a'), await byDevice('b')];
      await waitFor(async () => (await eventsOf(b.id)).length === 2);
      const members = { users: [a.id, b.id], identities: ['$identity_email:new@example.com'] };
      const preview = await waitFor(async () => {
        const { json } = await project.api('POST', 'merges/preview', members);
        return json.profile?.conflicts.length === 1 && json;
      });
      expect(preview).toMatchObject({
        into: a.id,
        from: [b.id],
        assigned: [{ key: '$identity_email', value: 'new@example.com' }],
        refusals: [],
        users: [
          { id: a.id, identities: { $identity_anonymous_id: ['a'] }, events: { count: 1 } },
          { id: b.id, identities: { $identity_anonymous_id: ['b'] }, events: { count: 2 } },
        ],
        profile: {
          properties: { city: 'Ghent', visits: 1, plan: 'gold' },
          conflicts: [
            {
              property: 'city',
              kept: { user: a.id, value: 'Ghent' },
              lost: [{ user: b.id, value: 'Bruges' }],
            },
          ],
        },
      });
      expect(await merges()).toEqual([]);
      const asked = await project.api('POST', 'merges', members);
      const request = await outcomeOf(asked);
      expect([asked.status, request.state, request.merges.length]).toEqual([202, 'done', 1]);
      expect((await project.api('GET', `merge-requests/${request.id}`)).json).toEqual(request);
      const [merge] = await merges();
      expect(merge).toMatchObject({ id: request.merges[0], cause: { event: null, eventId: null } });
      expect(merge?.['cause']).toMatchObject({ requestedBy: expect.stringMatching(/^key_/) });
      const merged = await waitFor(async () => {
        const found = await find('$identity_email', 'new@example.com');
        return found?.properties?.['plan'] === 'gold' ? found : null;
      });
      expect(merged).toMatchObject({ id: a.id, properties: preview.profile.properties });
      await waitFor(async () => (await countUsers('View')) === 1);
    });

    it('of two logins are refused with the reason, wholly', async () => {
      await send(login('ada', 'd1'), login('ben', 'd2'), track('d3', 'View'));
      const [ada, ben, third] = [await byLogin('ada'), await byLogin('ben'), await byDevice('d3')];
      const members = { users: [ada.id, third.id, ben.id] };
      const preview = (await project.api('POST', 'merges/preview', members)).json;
      expect(preview.refusals).toEqual([{ reason: 'other_login', identity: null, user: ben.id }]);
      const request = await outcomeOf(await project.api('POST', 'merges', members));
      expect(request).toMatchObject({ state: 'refused', refusals: preview.refusals, merges: [] });
      expect(await merges()).toEqual([]);
    });

    it.each([
      ['one member', { users: ['usr_1'] }, 422],
      ['an id that is none', { users: ['usr_1', 'ada'] }, 422],
      ['an identity without a key', { users: ['usr_1'], identities: ['ada'] }, 422],
    ])('refuse %s', async (_case, body, status) => {
      expect((await project.api('POST', 'merges', body)).status).toBe(status);
      expect((await project.api('POST', 'merges/preview', body)).status).toBe(status);
    });

    it('know nothing of a user that does not exist', async () => {
      await send(track('a', 'View'));
      const a = await byDevice('a');
      const asked = await project.api('POST', 'merges', { users: [a.id, 'usr_999999999'] });
      expect(await outcomeOf(asked)).toMatchObject({
        state: 'refused',
        refusals: [{ reason: 'unknown_user' }],
      });
    });
  });

  describe('undoing a merge', () => {
    const undo = async (mergeId: unknown) => outcomeOf(await project.api('POST', `merges/${mergeId}/undo`));
    const mergeUsers = async (...users: string[]) =>
      outcomeOf(await project.api('POST', 'merges', { users }));
    const whenDeviceHas = (device: string, property: string, value: unknown) =>
      waitFor(async () => {
        const found = await find('$identity_anonymous_id', device);
        return found?.properties?.[property] === value ? found : null;
      });

    it('gives identities, profile and history back, leaves what came since, and lasts', async () => {
      await send(
        login('ada', 'phone'),
        profileSet('ada', { city: 'Ghent' }),
        track('shared', 'Before'),
        profileSet('shared', { city: 'Bruges', plan: 'gold', size: 'S' }),
      );
      const [ada, shared] = [await byLogin('ada'), await byDevice('shared')];
      await send(login('ada', 'shared'), track('shared', 'Since'), profileSet('ada', { size: 'L' }));
      await waitFor(async () => (await eventsOf(ada.id)).length === 4);
      const merged = await waitFor(async () => {
        const found = await find('$identity_login_id', 'ada');
        return found?.properties?.['size'] === 'L' ? found : null;
      });
      expect(merged.properties).toEqual({ city: 'Ghent', plan: 'gold', size: 'L' });
      const [merge] = await merges();
      expect(await undo(merge?.id)).toMatchObject({ kind: 'undo', state: 'done', merges: [merge?.id] });

      expect(await whenDeviceHas('shared', 'size', 'S')).toMatchObject({
        id: shared.id,
        mergedInto: null,
        properties: { city: 'Bruges', plan: 'gold', size: 'S' },
      });
      expect(await byLogin('ada')).toMatchObject({ id: ada.id, properties: { city: 'Ghent', size: 'L' } });
      await expectEvents(shared.id, ['Before']);
      await expectEvents(ada.id, ['$SignUp', '$SignUp', 'Since']);
      await waitFor(async () => (await countUsers('*')) === 2);
      const population = (await project.api('GET', 'users')).json.items;
      expect(population.map(({ id }: Item) => id).sort()).toEqual([ada.id, shared.id].sort());

      await send(login('ada', 'shared'), track('shared', 'Later'));
      await waitFor(async () => (await eventsOf(shared.id)).includes('Later'));
      expect((await refusals()).map(({ reason }) => reason)).toContain('undone_before');
      expect(await undo(merge?.id)).toMatchObject({
        state: 'refused',
        refusals: [{ reason: 'already_undone' }],
      });
      const shown = await merges();
      expect(shown).toHaveLength(1);
      expect(shown[0]?.['undoneAt']).not.toBeNull();

      expect((await mergeUsers(ada.id, shared.id)).state).toBe('done');
      await waitFor(async () => (await countUsers('*')) === 1);
    });

    it('gives back what came in the very request that merged', async () => {
      await send(login('ada', 'phone'), profileSet('ada', { city: 'Ghent' }));
      const ada = await byLogin('ada');
      await send(
        track('shared', 'Before'),
        profileSet('shared', { city: 'Bruges', plan: 'gold' }),
        login('ada', 'shared'),
        track('shared', 'Since'),
      );
      await waitFor(async () => (await eventsOf(ada.id)).length === 4);
      expect((await byLogin('ada')).properties).toEqual({ city: 'Ghent', plan: 'gold' });
      const [merge] = await merges();
      await undo(merge?.id);
      const restored = await whenDeviceHas('shared', 'city', 'Bruges');
      expect(restored.properties).toEqual({ city: 'Bruges', plan: 'gold' });
      await expectEvents(restored.id, ['Before']);
      expect((await byLogin('ada')).properties).toEqual({ city: 'Ghent' });
    });

    it('goes from the newest merge to the oldest, and brings along who was merged before', async () => {
      await send(track('a', 'OfA'), track('b', 'OfB'), track('c', 'OfC'));
      const [a, b, c] = [await byDevice('a'), await byDevice('b'), await byDevice('c')];
      const first = (await mergeUsers(b.id, c.id)).merges[0];
      const second = (await mergeUsers(a.id, b.id)).merges[0];
      await waitFor(async () => (await countUsers('*')) === 1);
      expect(await undo(first)).toMatchObject({ state: 'refused', refusals: [{ reason: 'merged_further' }] });
      expect(await undo(second)).toMatchObject({ state: 'done' });
      await expectEvents(a.id, ['OfA']);
      await expectEvents(b.id, ['OfB', 'OfC']);
      expect((await byDevice('c')).id).toBe(b.id);
      expect(await undo(first)).toMatchObject({ state: 'done' });
      await expectEvents(c.id, ['OfC']);
      await waitFor(async () => (await countUsers('*')) === 3);
    });

    it('gives a waiting timer back, so that the right user ends it', async () => {
      const made = await project.api('POST', 'triggers', {
        name: 'left the cart',
        rule: {
          version: 1,
          on: { event: 'AddToCart' },
          unless: { event: 'PayOrder', within: { hours: 1 } },
          actions: [{ type: 'webhook', url: 'https://hooks.example.com/cart' }],
        },
      });
      expect(made.status).toBe(201);
      await send(login('ada', 'phone'), track('shared', 'View'));
      const [ada, shared] = [await byLogin('ada'), await byDevice('shared')];
      await send(track('shared', 'AddToCart'));
      await waitFor(async () => (await eventsOf(shared.id)).includes('AddToCart'));
      await send(login('ada', 'shared'));
      const timers = async () => (await project.api('GET', `triggers/${made.json.id}/timers`)).json.items;
      await waitFor(async () => (await timers())[0]?.userId === ada.id);
      const [merge] = await merges();
      await undo(merge?.id);
      await waitFor(async () => (await timers())[0]?.userId === shared.id);
      await send(track('shared', 'PayOrder'));
      await waitFor(async () => (await timers())[0]?.state === 'cancelled');
    });
  });
});
