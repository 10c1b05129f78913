import {
  type Answer,
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';

const BOUGHT = { event: 'Buy', window: 'all_time', compare: { op: 'at_least', value: 1 } };
const NO_PLACE = { product: { name: 'Example Shop', url: 'https://shop.example.com/back?a=1&b=2' } };

interface Message {
  id: string;
  userId: string;
  state: string;
  reason: string | null;
  detail: string | null;
  address: string;
  origin: string;
}

describe('Recall', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let segmentId: string;
  const users: Record<string, string> = {};

  async function post(path: string, body: unknown, expected: number): Promise<Answer['json']> {
    const answer = await project.api('POST', path, body);
    if (answer.status !== expected)
      throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  async function messages(query: string): Promise<Message[]> {
    return (await project.api('GET', `messages?limit=200&${query}`)).json.items;
  }

  /** Makes and activates a campaign on all buyers. */
  async function activeCampaign(settings: Record<string, unknown> = {}): Promise<string> {
    const { id } = await post(
      'campaigns',
      { name: 'Win back', segmentId, templateId: 'win-back', variables: NO_PLACE, ...settings },
      201,
    );
    await post(`campaigns/${id}/activate`, {}, 200);
    return id;
  }

  async function runToEnd(campaignId: string, body: unknown = {}): Promise<Answer['json']> {
    const { segmentRunId } = await post(`campaigns/${campaignId}/run`, body, 202);
    return waitFor(async () => {
      const { json } = await project.api('GET', `campaigns/${campaignId}/runs`);
      const run = json.items.find((item: { segmentRunId: string }) => item.segmentRunId === segmentRunId);
      return run?.state === 'planning' ? null : run;
    });
  }

  async function mailTo(address: string) {
    const list = await project.api('GET', `sink/messages?to=${encodeURIComponent(address)}`);
    const ids: string[] = list.json.items.map(({ id }: { id: string }) => id);
    return Promise.all(ids.map(async (id) => (await project.api('GET', `sink/messages/${id}`)).json));
  }

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject('Asia/Shanghai');
    await rekindle.sendEvents(project.slug, [
      ...['ann', 'bert', 'cleo', 'dora'].map((name) => track(name, 'Buy', { price: 5 })),
      profileSet('ann', { email: 'ann@example.com', first_name: '<b>Ann</b>' }),
      profileSet('bert', { email: 'bert@example.org' }),
      profileSet('cleo', { email: 'cleo@example.com', first_name: 'Cleo' }),
    ]);
    for (const name of ['ann', 'bert', 'cleo', 'dora']) {
      users[name] = await waitFor(async () => {
        const { json } = await project.api('GET', `users?identity=$identity_anonymous_id:${name}`);
        const [user] = json.items;
        return name === 'dora' || user?.properties.email ? user.id : null;
      });
    }
    segmentId = (await post('segments', { name: 'buyers', definition: { version: 1, where: BOUGHT } }, 201))
      .id;
    await waitFor(async () => {
      const { json } = await project.api('POST', 'segments/preview', {
        definition: { version: 1, where: BOUGHT },
      });
      return json.count === 4;
    });
    await post('blocklist', { kind: 'address', value: 'cleo@example.com', reason: 'complaint' }, 200);
  }, 120_000);
  afterAll(() => rekindle?.stop());

  it('brings a campaign from a segment into the mail box, everyone accounted for', async () => {
    const id = await activeCampaign({
      sender: 'Shop <shop@example.com>',
      frequencyCap: { limit: 1, windowDays: 7 },
    });
    const run = await runToEnd(id);
    expect(run).toMatchObject({
      state: 'done',
      counts: { members: 4, planned: 2, held: { no_address: 1, blocklisted: 1 }, repeated: 0 },
    });
    const [mail] = await waitFor(async () => {
      const mails = await mailTo('ann@example.com');
      return mails.length > 0 ? mails : null;
    });
    expect(mail).toMatchObject({
      from: expect.stringContaining('shop@example.com'),
      subject: '<b>Ann</b>, your place at Example Shop is still here',
    });
    expect(mail.html).toContain('&lt;b&gt;Ann&lt;/b&gt;');
    expect(mail.html).not.toContain('shop.example.com/back');
    expect(mail.text).not.toContain('shop.example.com/back');
    const pixel = /<img src="([^"]+)" width="1"/.exec(mail.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await fetch(toLocal(pixel))).headers.get('content-type')).toMatch(/^image\//);
    const link = /class="button" href="([^"]+)"/.exec(mail.html)?.[1] ?? '';
    const answer = await fetch(toLocal(link), { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toContain('https://shop.example.com/back?a=1&b=2');
    expect(mail.text).toContain(link);
    const byUser = new Map((await messages(`campaign=${id}`)).map((message) => [message.userId, message]));
    expect(byUser.get(users['cleo'] ?? '')).toMatchObject({ state: 'held', reason: 'blocklisted' });
    expect(byUser.get(users['dora'] ?? '')).toMatchObject({ state: 'held', reason: 'no_address' });
  });

  it('sends nobody a campaign twice, and holds who had enough messages', async () => {
    await waitFor(async () => (await messages('state=accepted')).length >= 2);
    const capped = await activeCampaign({ frequencyCap: { limit: 1, windowDays: 7 } });
    await runToEnd(capped);
    const held = await waitFor(async () => {
      const found = await messages(`campaign=${capped}&reason=frequency_cap`);
      return found.length === 2 ? found : null;
    });
    expect(held.map(({ userId }) => userId).sort()).toEqual([users['ann'], users['bert']].sort());
    const again = await runToEnd(capped);
    expect(again.counts).toEqual({ members: 4, planned: 0, held: {}, repeated: 4 });
    expect(await messages(`campaign=${capped}`)).toHaveLength(4);
  });

  it('plans on the newest run at once, and one run only once', async () => {
    const id = await activeCampaign({ reentry: 'every_run' });
    const first = await runToEnd(id, { useLatestRun: true });
    const second = await runToEnd(id, { useLatestRun: true });
    expect(second.id).toBe(first.id);
    expect((await project.api('GET', `campaigns/${id}/runs`)).json.items).toHaveLength(1);
  });

  it('lets users in again only after the days of the re-entry rule', async () => {
    const id = await activeCampaign({ reentry: { afterDays: 3 }, controlPercent: 50 });
    const first = await runToEnd(id);
    expect(first.counts.repeated).toBe(0);
    const second = await runToEnd(id);
    expect(second.counts).toEqual({ members: 4, planned: 0, held: {}, repeated: 4 });
  });

  it('follows every run of the segment, and what it missed while it was paused', async () => {
    const id = await activeCampaign({ reentry: 'every_run', sendWindow: { from: '09:00', to: '09:00' } });
    const runSegment = async () => {
      const { json } = await project.api('POST', `segments/${segmentId}/runs`, {});
      return json.id as string;
    };
    const planned = async () =>
      (await project.api('GET', `campaigns/${id}/runs`)).json.items.map(
        (item: { segmentRunId: string }) => item.segmentRunId,
      );
    const runId = await runSegment();
    await waitFor(async () => (await planned()).includes(runId));
    await post(`campaigns/${id}/pause`, {}, 200);
    await post(`campaigns/${id}/pause`, {}, 409);
    await post(`campaigns/${id}/run`, {}, 409);
    const missedId = await runSegment();
    await waitFor(async () => {
      const { json } = await project.api('GET', `segments/${segmentId}/runs/${missedId}`);
      return json.state === 'done';
    });
    expect(await planned()).toEqual([runId]);
    await post(`campaigns/${id}/resume`, {}, 200);
    await waitFor(async () => (await planned()).length === 2);
    expect((await planned())[0]).toBe(missedId);
    await post(`campaigns/${id}/stop`, {}, 200);
    await post(`campaigns/${id}/resume`, {}, 409);
  });

  it('sends a campaign once, at its moment', async () => {
    const sendAt = new Date(Date.now() + 1_000).toISOString();
    const id = await activeCampaign({ schedule: 'once', sendAt });
    await waitFor(async () => (await project.api('GET', `campaigns/${id}`)).json.state === 'completed');
    expect(await messages(`campaign=${id}`)).toHaveLength(4);
  });

  it('holds what a stopped campaign has not sent', async () => {
    const hour = new Date(Date.now() + 8 * 3_600_000 + 5 * 3_600_000).getUTCHours();
    const [from, to] = [hour, (hour + 1) % 24].map((h) => `${String(h).padStart(2, '0')}:00`);
    const id = await activeCampaign({ sendWindow: { from, to } });
    expect((await runToEnd(id)).counts.planned).toBe(2);
    await post(`campaigns/${id}/stop`, {}, 200);
    expect(await messages(`campaign=${id}&reason=campaign_stopped`)).toHaveLength(2);
  });

  it('holds a message whose variable is missing, and says which', async () => {
    const { id } = await post(
      'templates',
      { slug: 'coupon', subject: 'Hi', text: 'Your code: {{coupon}} {{default profile.first_name "you"}}' },
      201,
    );
    await post('messages', { template: 'coupon', recipients: [{ userId: users['bert'] }] }, 202);
    const [held] = await waitFor(async () => {
      const found = (await messages(`user=${users['bert']}&reason=missing_variable`)) ?? [];
      return found.length > 0 ? found : null;
    });
    expect(held).toMatchObject({ templateId: id, detail: 'coupon' });
  });

  it('sends a message to users and addresses, once per key', async () => {
    const body = {
      template: 'coupon',
      variables: { coupon: 'A-1' },
      recipients: [
        { userId: users['bert'], variables: { coupon: 'B-2' } },
        { address: 'nobody@example.org' },
        { userId: users['dora'] },
        { userId: users['cleo'] },
      ],
      dedupeKey: 'order-1',
    };
    expect(await post('messages', body, 202)).toEqual({
      dedupeKey: 'order-1',
      planned: 2,
      held: { no_address: 1, blocklisted: 1 },
      repeated: 0,
    });
    expect(await post('messages', body, 202)).toMatchObject({ planned: 0, repeated: 4 });
    const texts = await waitFor(async () => {
      const mails = [...(await mailTo('bert@example.org')), ...(await mailTo('nobody@example.org'))];
      const found = mails.map(({ text }) => text.trim()).filter((text) => text.startsWith('Your code'));
      return found.length === 2 ? found : null;
    });
    expect(texts.sort()).toEqual(['Your code: A-1 you', 'Your code: B-2 you']);
  });

  it('sends what a trigger asks for, and holds what it asks for in vain', async () => {
    const action = (templateId: string, channel: string) => ({ type: 'send_message', templateId, channel });
    await post(
      'triggers',
      {
        name: 'Thanks',
        rule: {
          version: 1,
          on: { event: 'Refund' },
          actions: [
            { ...action('coupon', 'email'), variables: { coupon: 'T-3' } },
            action('no-such-template', 'email'),
            action('coupon', 'pigeon'),
          ],
        },
      },
      201,
    );
    const mine = async () =>
      (await messages(`user=${users['ann']}`)).filter(({ origin }) => origin.startsWith('trg_'));
    await rekindle.sendEvents(project.slug, [track('ann', 'Refund')]);
    const asked = await waitFor(async () => {
      const found = await mine();
      return found.length === 3 && found.some(({ state }) => state === 'accepted') ? found : null;
    });
    expect(asked.map(({ state, reason }) => `${state} ${reason}`).sort()).toEqual([
      'accepted null',
      'held no_address',
      'held template_error',
    ]);
  });

  it('keeps every version of a template and shows it as it would be sent', async () => {
    const content = { subject: 'Hi {{profile.first_name}}', text: 'Buy {{link event.url}}' };
    const made = await post('templates', { slug: 'cart', ...content }, 201);
    expect(made).toMatchObject({ version: 1, requiredVariables: ['event.url', 'profile.first_name'] });
    await post('templates', { slug: 'cart', ...content }, 409);
    const same = await project.api('PUT', 'templates/cart', content);
    expect(same.json.version).toBe(1);
    const next = await project.api('PUT', `templates/${made.id}`, { ...content, html: '<b>{{x}}</b>' });
    expect(next.json).toMatchObject({ version: 2, optionalVariables: [] });
    expect((await project.api('GET', 'templates/cart?version=1')).json).toMatchObject({
      html: '',
      shownVersion: 1,
    });
    expect((await project.api('GET', 'templates/cart/versions')).json.items).toHaveLength(2);
    const variables = { event: { url: 'https://shop.example.com/cart' } };
    expect(await post('templates/cart/preview', { userId: users['cleo'], variables }, 200)).toEqual({
      subject: null,
      html: null,
      text: null,
      missingVariables: ['x'],
      error: null,
    });
    const shown = await post('templates/cart/preview', { version: 1, userId: users['cleo'], variables }, 200);
    expect(shown).toMatchObject({ subject: 'Hi Cleo', text: 'Buy https://shop.example.com/cart' });
  });

  it('comes with a template that can be used as it is', async () => {
    const { json } = await project.api('GET', 'templates/win-back');
    expect(json).toMatchObject({
      source: 'file',
      version: 1,
      requiredVariables: ['product.name', 'product.url'],
    });
    const shown = await post('templates/win-back/preview', {}, 200);
    expect(shown).toMatchObject({
      missingVariables: [],
      error: null,
      subject: expect.stringContaining('Ann'),
    });
    expect(shown.html).toContain('https://shop.example.com/?from&#x3D;win-back');
    const other = await rekindle.newProject();
    expect((await other.api('GET', 'templates')).json.items).toMatchObject([{ slug: 'win-back' }]);
    expect((await other.api('GET', 'templates/cart')).status).toBe(404);
  });

  it.each([
    [
      'a template that does not compile',
      'templates',
      { slug: 'x', html: 'a\n{{#if b}}', text: '{{{c}}}' },
      ['/html', '/text'],
    ],
    ['a template without content', 'templates', { slug: 'x', subject: 'Hi' }, ['/text']],
    ['a channel that does not exist', 'templates', { slug: 'x', text: 'a', channel: 'pigeon' }, ['/channel']],
    [
      'a campaign without its segment',
      'campaigns',
      { name: 'x', segmentId: 'seg_x', templateId: 'win-back' },
      ['/segmentId'],
    ],
    [
      'a message without its template',
      'messages',
      { template: 'x', recipients: [{ userId: 'usr_1' }] },
      ['/template'],
    ],
    [
      'a user and variables of the wrong form',
      'messages',
      { template: 'win-back', recipients: [{ userId: '1' }, {}], variables: { user: {} } },
      ['/recipients/0/userId', '/recipients/1', '/variables'],
    ],
    [
      'a mail header in a sender',
      'campaigns',
      { name: 'x', segmentId: 'y', templateId: 'z', sender: 'a\r\nBcc: b' },
      ['/sender'],
    ],
  ])('refuses %s', async (_sentence, path, body, pointers) => {
    const problem = await post(path, body, 422);
    expect(problem.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(pointers);
  });

  it('refuses what an active campaign may not change', async () => {
    const id = await activeCampaign();
    const changed = await project.api('PATCH', `campaigns/${id}`, { controlPercent: 5, name: 'New' });
    expect(changed.status).toBe(409);
    const renamed = await project.api('PATCH', `campaigns/${id}`, { name: 'New', frequencyCap: null });
    expect(renamed.json).toMatchObject({ name: 'New', state: 'active', controlPercent: 0 });
    const other = await project.api('PATCH', `campaigns/${id}`, { templateId: 'none' });
    expect(other.json.errors).toMatchObject([{ pointer: '/templateId', code: 'unknown_template' }]);
  });

  /** The public address names the default port; the test's service listens on another. */
  function toLocal(address: string): string {
    const { pathname, search } = new URL(address);
    return `${rekindle.url}${pathname}${search}`;
  }
});
