import 'reflect-metadata';
import { ChannelCatalogue } from '../../src/deliver/channel-catalogue.js';
import { ChannelSettings } from '../../src/deliver/channel-settings.js';
import { Ledger, type PlannedMessage } from '../../src/deliver/contract.js';
import { MessageUpkeepRepository } from '../../src/deliver/data/message-upkeep.repository.js';
import { LEASE_MS } from '../../src/deliver/reserve-messages.js';
import { DeliverBench } from '../support/deliver-bench.js';

const CAP = { limit: 1, windowMs: 86_400_000 };

describe('deliver', () => {
  let bench: DeliverBench;
  let ledger: Ledger;

  beforeAll(async () => {
    bench = await DeliverBench.start();
    ledger = bench.app.get(Ledger, { strict: false });
  });
  afterAll(() => bench.stop());
  afterEach(() => bench.queue.loseAll());

  describe('sending', () => {
    it('sends a planned message once, and says so on the timeline', async () => {
      const message = bench.aMessage({ campaignId: 'cmp_1' });
      expect(await ledger.plan([message])).toEqual({ planned: 1, held: {}, repeated: 0 });
      await bench.queue.runDue();
      expect(await bench.historyOf(message.dedupeKey)).toEqual(['queued', 'sending', 'accepted']);
      expect(await bench.mailsTo(message.address ?? '')).toBe(1);
      expect(await bench.eventsOf(message)).toEqual([
        expect.objectContaining({
          event: '$MessageSent',
          userId: message.userId,
          properties: expect.objectContaining({ campaign_id: 'cmp_1', channel: 'email', origin: 'api' }),
        }),
      ]);
    });

    it('makes one message out of the same plan made twice, also at once and within one call', async () => {
      const messages = [bench.aMessage(), bench.aMessage()];
      const results = await Promise.all([
        ledger.plan([...messages, ...messages]),
        ledger.plan([...messages].reverse()),
        ledger.plan(messages),
      ]);
      expect(results.reduce((sum, { planned }) => sum + planned, 0)).toBe(2);
      expect(results.reduce((sum, { repeated }) => sum + repeated, 0)).toBe(6);
      await bench.queue.runDue();
      for (const { address } of messages) expect(await bench.mailsTo(address ?? '')).toBe(1);
    });

    it('sends once however many workers run the same job at once', async () => {
      const messages = Array.from({ length: 30 }, () => bench.aMessage());
      await ledger.plan(messages);
      await bench.queue.runDue(4);
      const counts = await Promise.all(messages.map(({ address }) => bench.mailsTo(address ?? '')));
      expect(counts).toEqual(messages.map(() => 1));
    });

    it('waits until the time that was asked for', async () => {
      const message = bench.aMessage({ sendAt: bench.clock.now() + 3_600_000 });
      await ledger.plan([message]);
      await bench.queue.runDue();
      expect((await bench.find(message.dedupeKey)).state).toBe('queued');
      bench.clock.advance(3_600_000);
      await bench.queue.runDue();
      expect((await bench.find(message.dedupeKey)).state).toBe('accepted');
    });

    it('sends to an address only, and puts nothing on a timeline', async () => {
      const message = bench.aMessage({ userId: 0, frequencyCap: CAP });
      await ledger.plan([message]);
      await bench.queue.runDue();
      expect(await bench.mailsTo(message.address ?? '')).toBe(1);
      expect(await bench.eventsOf(message)).toEqual([]);
    });

    it('goes through the log channel without a mail', async () => {
      const message = bench.aMessage({ channel: 'log' });
      await ledger.plan([message]);
      await bench.queue.runDue();
      expect((await bench.find(message.dedupeKey)).state).toBe('accepted');
      expect(await bench.mailsTo(message.address ?? '')).toBe(0);
    });
  });

  describe('holding', () => {
    it.each<[string, Partial<PlannedMessage>, string]>([
      ['the user has no address', { address: null }, 'no_address'],
      ['the address is none', { address: 'nobody' }, 'invalid_address'],
      ['recall decided so', { holdReason: 'control_group' }, 'control_group'],
    ])('holds when %s, with the reason in the ledger and on the timeline', async (_case, changes, reason) => {
      const message = bench.aMessage(changes);
      expect(await ledger.plan([message])).toEqual({ planned: 0, held: { [reason]: 1 }, repeated: 0 });
      await bench.queue.runDue();
      expect(await bench.find(message.dedupeKey)).toMatchObject({ state: 'held', reason });
      expect(await bench.eventsOf(message)).toEqual([expect.objectContaining({ event: '$MessageHeld' })]);
    });

    it('holds what the blocklist names when it is planned', async () => {
      const message = bench.aMessage();
      await bench.block(message);
      expect(await ledger.plan([message])).toMatchObject({ held: { blocklisted: 1 } });
    });

    it('holds what the blocklist names only after it was planned', async () => {
      const message = bench.aMessage();
      await ledger.plan([message]);
      await bench.block(message);
      await bench.queue.runDue();
      expect(await bench.find(message.dedupeKey)).toMatchObject({ state: 'held', reason: 'blocklisted' });
      expect(await bench.mailsTo(message.address ?? '')).toBe(0);
    });

    it('holds what lacks a variable, and sends the others of the job', async () => {
      const [lacking, whole] = [bench.aMessage({ variables: { missing: true } }), bench.aMessage()];
      await ledger.plan([lacking, whole]);
      await bench.queue.runDue();
      expect(await bench.find(lacking.dedupeKey)).toMatchObject({
        state: 'held',
        reason: 'missing_variable',
      });
      expect((await bench.find(whole.dedupeKey)).state).toBe('accepted');
    });

    it('lets exactly one of two campaigns pass a cap of one, when both send at the same moment', async () => {
      for (let round = 0; round < 15; round++) {
        const userId = 100_000 + round;
        const pair = ['cmp_a', 'cmp_b'].map((campaignId) =>
          bench.aMessage({
            userId,
            campaignId,
            address: `capped${round}@example.com`,
            frequencyCap: CAP,
          }),
        );
        await Promise.all(pair.map((message) => ledger.plan([message])));
        await bench.queue.runDue(2);
        const rows = await Promise.all(pair.map(({ dedupeKey }) => bench.find(dedupeKey)));
        expect(rows.map(({ state }) => state).sort()).toEqual(['accepted', 'held']);
        expect(rows.find(({ state }) => state === 'held')?.reason).toBe('frequency_cap');
        expect(await bench.mailsTo(`capped${round}@example.com`)).toBe(1);
      }
    });

    it('lets the next one pass when the window is over', async () => {
      const userId = 200_000;
      const send = async () => {
        const message = bench.aMessage({ userId, frequencyCap: CAP });
        await ledger.plan([message]);
        await bench.queue.runDue();
        return (await bench.find(message.dedupeKey)).state;
      };
      expect(await send()).toBe('accepted');
      expect(await send()).toBe('held');
      bench.clock.advance(CAP.windowMs + 1);
      expect(await send()).toBe('accepted');
    });

    it('holds what a stopped campaign has not sent, and counts it', async () => {
      const messages = [1, 2, 3].map(() => bench.aMessage({ campaignId: 'cmp_stop' }));
      await ledger.plan(messages.slice(0, 1));
      await bench.queue.runDue();
      await ledger.plan(messages.slice(1));
      expect(await ledger.holdUnsent(1, 'cmp_stop', 'campaign_stopped')).toBe(2);
      await bench.queue.runDue();
      expect(await ledger.countsOfCampaign(1, 'cmp_stop')).toEqual({
        byState: { accepted: 1, held: 2 },
        heldByReason: { campaign_stopped: 2 },
        opened: 0,
        clicked: 0,
      });
      bench.clock.advance(60_000);
      await bench.upkeep('deliver.announcements');
      expect(await bench.eventsOf(messages[1] as PlannedMessage)).toHaveLength(1);
    });
  });

  describe('crashes', () => {
    it('turns what a lost worker was sending into unknown, and never sends it again', async () => {
      const message = bench.aMessage();
      await ledger.plan([message]);
      const jobs = [...bench.queue.jobs];
      await bench.db.execute(
        `UPDATE message SET state = 'sending', attempts = 1, sending_at = $2, lease_until = $3 WHERE dedupe_key = $1`,
        [message.dedupeKey, new Date(bench.clock.now() - LEASE_MS), new Date(bench.clock.now() - 1)],
      );
      await bench.queue.runDue();
      await bench.upkeep('deliver.ended-leases');
      expect(await bench.find(message.dedupeKey)).toMatchObject({ state: 'unknown', reason: 'worker_lost' });
      bench.queue.jobs = jobs;
      await bench.queue.runDue();
      await bench.upkeep('deliver.lost-messages');
      await bench.queue.runDue();
      expect((await bench.find(message.dedupeKey)).state).toBe('unknown');
      expect(await bench.mailsTo(message.address ?? '')).toBe(0);
    });

    it.each(['accepted', 'failed'] as const)(
      'lets a person settle the unknown as %s, once',
      async (state) => {
        const message = bench.aMessage();
        await ledger.plan([message]);
        await bench.db.execute(`UPDATE message SET state = 'unknown' WHERE dedupe_key = $1`, [
          message.dedupeKey,
        ]);
        const { id } = await bench.find(message.dedupeKey);
        const repository = bench.app.get(MessageUpkeepRepository);
        const settlement = { projectId: 1, id, state, detail: 'seen in the log' };
        expect(await repository.settleUnknown(settlement, bench.clock.now())).toMatchObject({ state });
        expect(await repository.settleUnknown(settlement, bench.clock.now())).toBeNull();
      },
    );

    it('takes an opening as proof that an unknown message arrived', async () => {
      const message = bench.aMessage();
      await ledger.plan([message]);
      await bench.db.execute(`UPDATE message SET state = 'unknown' WHERE dedupe_key = $1`, [
        message.dedupeKey,
      ]);
      const { id } = await bench.find(message.dedupeKey);
      await ledger.recordEngagement([
        {
          kind: 'record_engagement',
          projectId: 1,
          messageId: id,
          engagement: 'opened',
          at: bench.clock.now(),
        },
      ]);
      expect((await bench.find(message.dedupeKey)).state).toBe('accepted');
    });

    it('finds queued messages whose jobs were lost', async () => {
      const message = bench.aMessage();
      await ledger.plan([message]);
      bench.queue.loseAll();
      await bench.upkeep('deliver.lost-messages');
      expect(bench.queue.jobs).toEqual([]);
      bench.clock.advance(31_000);
      await bench.upkeep('deliver.lost-messages');
      await bench.queue.runDue();
      expect(await bench.mailsTo(message.address ?? '')).toBe(1);
    });
  });

  describe('refusals', () => {
    it('tries again later when no server listens, five times, then gives up with the reason', async () => {
      const channel = bench.app.get(ChannelCatalogue).find('email');
      if (!channel) throw new Error('no channel');
      const settings = bench.app.get(ChannelSettings);
      await settings.save(2, channel, { smtpUrl: 'smtp://127.0.0.1:9', from: 'a@example.com' });
      const message = bench.aMessage({ projectId: 2 });
      await ledger.plan([message]);
      for (let attempt = 1; attempt < 5; attempt++) {
        await bench.queue.runDue();
        expect(await bench.find(message.dedupeKey)).toMatchObject({
          state: 'queued',
          reason: 'provider_unavailable',
          attempts: attempt,
        });
        bench.clock.advance(40 * 60_000);
      }
      await bench.queue.runDue();
      expect(await bench.find(message.dedupeKey)).toMatchObject({
        state: 'failed',
        reason: 'provider_unavailable',
        attempts: 5,
      });
      expect(
        (await bench.db.query<{ settings: string }>('SELECT settings FROM channel_setting'))[0]?.settings,
      ).not.toContain('smtp');
    });
  });

  describe('engagement', () => {
    it('keeps the first opening and click; a click implies an opening', async () => {
      const message = bench.aMessage({ campaignId: 'cmp_engaged' });
      await ledger.plan([message]);
      await bench.queue.runDue();
      const { id } = await bench.find(message.dedupeKey);
      const at = (ms: number, engagement: 'opened' | 'clicked', projectId = 1) =>
        ({ kind: 'record_engagement', projectId, messageId: id, engagement, at: ms }) as const;
      await ledger.recordEngagement([at(1_000, 'clicked', 99)]);
      expect((await bench.find(message.dedupeKey)).clicked_at).toBeNull();
      await ledger.recordEngagement([at(3_000, 'clicked'), at(2_000, 'clicked')]);
      await ledger.recordEngagement([at(9_000, 'opened'), at(1_000, 'clicked')]);
      const row = await bench.find(message.dedupeKey);
      expect([row.opened_at?.getTime(), row.clicked_at?.getTime()]).toEqual([2_000, 2_000]);
      expect(await ledger.countsOfCampaign(1, 'cmp_engaged')).toMatchObject({ opened: 1, clicked: 1 });
    });
  });

  it('refuses to start where stored messages need a channel that is not registered, and names it', async () => {
    await ledger.plan([bench.aMessage()]);
    await bench.db.execute(`UPDATE message SET channel = 'pigeon' WHERE state = 'queued'`);
    await expect(bench.app.get(ChannelCatalogue).onModuleInit()).rejects.toThrow('"pigeon"');
  });
});
