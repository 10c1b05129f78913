import 'reflect-metadata';
import { newId } from '../../src/kernel/ids.js';
import { Links, LinkUpkeep, type RecipientLink } from '../../src/link/contract.js';
import { LinkVisits } from '../../src/link/link-visits.js';
import { MessageOpens } from '../../src/link/message-opens.js';
import { LinkBench } from '../support/link-bench.js';
import { waitFor } from '../support/rekindle.js';

const PERSON =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1';

describe('links and pixels of recipients', () => {
  let bench: LinkBench;
  let links: Links;

  beforeAll(async () => {
    bench = await LinkBench.start();
    links = bench.app.get(Links, { strict: false });
  });
  afterAll(() => bench.stop());
  beforeEach(() => {
    bench.effects.all = [];
    bench.effects.isDown = false;
  });

  const aLink = (change: Partial<RecipientLink> = {}): RecipientLink => ({
    projectId: 1,
    targetUrl: 'https://shop.example.org/back',
    userId: 42,
    messageId: newId('message'),
    campaignId: newId('campaign'),
    ...change,
  });
  const follow = (shortUrl: string, userAgent = PERSON) =>
    bench.app.get(LinkVisits, { strict: false }).follow({
      code: new URL(shortUrl).pathname.slice('/t/'.length),
      isScan: false,
      ip: '192.0.2.1',
      headers: { userAgent, purpose: undefined, secPurpose: undefined, xPurpose: undefined, xMoz: undefined },
      referrer: '',
    });
  const create = async (link: RecipientLink) => (await links.createForRecipients([link]))[0] ?? '';

  it('gives the same link for the same message and target, however often and in whatever order it is asked', async () => {
    const one = aLink();
    const two = aLink({ targetUrl: 'https://shop.example.org/other' });
    const first = await links.createForRecipients([one, two, one]);
    expect(first[0]).toBe(first[2]);
    expect(first[0]).toMatch(/^https:\/\/go\.example\.com\/t\/[1-9A-HJ-NP-Za-km-z]{14}$/);
    const again = await Promise.all([
      links.createForRecipients([two, one]),
      links.createForRecipients([one, two]),
    ]);
    expect(again).toEqual([
      [first[1], first[0]],
      [first[0], first[1]],
    ]);
  });

  it('makes thousands at once, each its own', async () => {
    const asked = Array.from({ length: 3_000 }, (_, i) => aLink({ userId: i + 1 }));
    expect(new Set(await links.createForRecipients(asked)).size).toBe(3_000);
  });

  it.each(['mailto:help@example.org', 'https://go.example.com/unsubscribe/x', 'not a url'])(
    'hands %s back as it is',
    async (targetUrl) => {
      expect(await create(aLink({ targetUrl }))).toBe(targetUrl);
    },
  );

  it('a click is an event of the recipient, and a click in the ledger', async () => {
    const link = aLink();
    expect(await follow(await create(link))).toEqual({ kind: 'redirect', targetUrl: link.targetUrl });
    await waitFor(async () => bench.effects.all.length === 2);
    expect(bench.effects.all).toEqual([
      expect.objectContaining({
        kind: 'record_event',
        event: '$LinkClicked',
        userId: 42,
        properties: expect.objectContaining({ message_id: link.messageId, campaign_id: link.campaignId }),
      }),
      expect.objectContaining({
        kind: 'record_engagement',
        engagement: 'clicked',
        messageId: link.messageId,
      }),
    ]);
    await waitFor(async () => (await bench.pendingClicks()) === 0);
  });

  it('a bot is led on and leaves no trace at the recipient', async () => {
    expect((await follow(await create(aLink()), 'Slackbot-LinkExpanding 1.0')).kind).toBe('redirect');
    expect(await bench.pendingClicks()).toBe(0);
    expect(bench.effects.all).toEqual([]);
  });

  it('a click whose effects could not be handed over is not lost: the sweep brings them', async () => {
    const shortUrl = await create(aLink());
    bench.effects.isDown = true;
    expect((await follow(shortUrl)).kind).toBe('redirect');
    await waitFor(async () => bench.effects.refusals === 1 && (await bench.pendingClicks()) === 1);
    bench.effects.isDown = false;
    const [task] = bench.app.get(LinkUpkeep, { strict: false }).tasks();
    await task?.run();
    expect(bench.effects.all).toEqual([]);
    await bench.db.execute("UPDATE link_click SET clicked_at = now() - interval '1 minute' WHERE is_pending");
    await task?.run();
    expect(bench.effects.all).toHaveLength(2);
    expect(await bench.pendingClicks()).toBe(0);
    await task?.run();
    expect(bench.effects.all).toHaveLength(2);
  });

  it.each([
    ['a person', PERSON, ['record_event', 'record_engagement']],
    ['a machine', 'Mozilla/5.0', ['record_event']],
  ])('the pixel tells that %s opened the message', async (_case, userAgent, kinds) => {
    const pixel = links.pixelUrl({ projectId: 1, messageId: newId('message'), userId: 42 });
    const token = pixel.replace('https://go.example.com/o/', '').replace(/\.gif$/, '');
    const opens = bench.app.get(MessageOpens, { strict: false });
    await opens.record(token, userAgent);
    expect(bench.effects.all.map(({ kind }) => kind)).toEqual(kinds);
    bench.effects.all = [];
    await opens.record(token.replace('1.42.', '1.43.'), userAgent);
    expect(bench.effects.all).toEqual([]);
  });
});
