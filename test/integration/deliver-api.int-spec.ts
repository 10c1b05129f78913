import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlocklistService } from '../../src/deliver/blocklist.service.js';
import { Ledger, WebhookCalls } from '../../src/deliver/contract.js';
import { SinkRepository } from '../../src/deliver/data/sink.repository.js';
import { WebhookCallService } from '../../src/deliver/webhook-calls.js';
import type { CallWebhook } from '../../src/kernel/effects.js';
import { DeliverBench } from '../support/deliver-bench.js';

describe('around the send ledger', () => {
  const requests: { headers: IncomingMessage['headers']; body: string }[] = [];
  const answers: number[] = [];
  let server: Server;
  let hookPort: number;
  let bench: DeliverBench;
  let ledger: Ledger;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        requests.push({ headers: request.headers, body });
        response.writeHead(answers.shift() ?? 200).end();
      });
    });
    // Before the bench, which is told the port: one chosen by hand may be another's by then.
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    hookPort = (server.address() as AddressInfo).port;
    bench = await DeliverBench.start({ OUTBOUND_ALLOW_HOSTS: `127.0.0.1:${hookPort}` });
    ledger = bench.app.get(Ledger, { strict: false });
  });
  afterAll(async () => {
    await bench.stop();
    await new Promise((resolve) => server.close(resolve));
  });
  afterEach(() => bench.queue.loseAll());

  describe('blocklist', () => {
    it('keeps one entry in force per value, also when added at once, and remembers the removed', async () => {
      const service = bench.app.get(BlocklistService);
      const message = bench.aMessage();
      const entries = await Promise.all([1, 2, 3, 4].map(() => bench.block(message)));
      expect(new Set(entries.map(({ id }) => id)).size).toBe(1);
      const recipient = { channel: 'email', address: message.address, userId: null };
      expect(await service.findBlocking(1, recipient)).toMatchObject({ reason: 'manual' });
      expect(await service.findBlocking(2, recipient)).toBeNull();
      expect(await service.remove(1, entries[0]?.id ?? '', 'key_test')).toBe(true);
      expect(await service.remove(1, entries[0]?.id ?? '', 'key_test')).toBe(false);
      expect(await service.findBlocking(1, recipient)).toBeNull();
      expect((await bench.block(message)).id).not.toBe(entries[0]?.id);
    });
  });

  describe('webhooks', () => {
    beforeEach(() => {
      requests.length = 0;
      answers.length = 0;
    });

    let calls = 0;
    const aCall = (changes: Partial<CallWebhook> = {}): CallWebhook => ({
      kind: 'call_webhook',
      projectId: 1,
      userId: 5,
      origin: 'trg_1',
      url: `http://127.0.0.1:${hookPort}/hook`,
      dedupeKey: `call ${++calls}`,
      body: { hello: 'world' },
      ...changes,
    });
    const rowOf = async (call: CallWebhook) =>
      (
        await bench.db.query<{ id: string; state: string; attempts: number; last_error: string | null }>(
          'SELECT * FROM webhook_call WHERE dedupe_key = $1',
          [call.dedupeKey],
        )
      )[0];

    it('is made once, signed with the key of the project, however often it is asked for', async () => {
      const call = aCall();
      const service = bench.app.get(WebhookCalls, { strict: false });
      await service.enqueue([call, call]);
      await service.enqueue([call]);
      await bench.queue.runDue(3);
      expect(requests).toHaveLength(1);
      const [request] = requests;
      const key = bench.app.get(WebhookCallService).signingKey(1);
      const [, seconds, mac] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['x-rekindle-signature'])) ?? [];
      expect(createHmac('sha256', key).update(`${seconds}.${request?.body}`).digest('hex')).toBe(mac);
      expect(request?.headers['idempotency-key']).toBe((await rowOf(call))?.id);
      expect(await rowOf(call)).toMatchObject({ state: 'done', attempts: 1 });
    });

    it('is made again after 500, with the same key, and also when its job was lost', async () => {
      const call = aCall();
      answers.push(500, 503);
      await bench.app.get(WebhookCalls, { strict: false }).enqueue([call]);
      await bench.queue.runDue();
      expect(await rowOf(call)).toMatchObject({ state: 'queued', attempts: 1, last_error: 'answered_5xx' });
      bench.clock.advance(5_000);
      await bench.queue.runDue();
      bench.queue.loseAll();
      bench.clock.advance(60_000);
      await bench.upkeep('deliver.lost-webhooks');
      await bench.queue.runDue();
      expect(await rowOf(call)).toMatchObject({ state: 'done', attempts: 3, last_error: null });
      expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    });

    it.each([
      ['a 404', {}, 404, 'answered_4xx'],
      ['a private address', { url: 'http://127.0.0.1:1/' }, 200, 'forbidden_address'],
      ['a file address', { url: 'file:///etc/passwd' }, 200, 'forbidden_address'],
    ])('is given up at once at %s', async (_case, changes, status, reason) => {
      const call = aCall(changes);
      answers.push(status);
      await bench.app.get(WebhookCalls, { strict: false }).enqueue([call]);
      await bench.queue.runDue();
      expect(await rowOf(call)).toMatchObject({ state: 'failed', attempts: 1, last_error: reason });
    });
  });

  describe('development sink', () => {
    it('shows a mail that was sent twice twice, with its content', async () => {
      const message = bench.aMessage({ address: 'Twice@example.com' });
      await ledger.plan([message]);
      await bench.queue.runDue();
      await bench.db.execute(`UPDATE message SET state = 'queued' WHERE dedupe_key = $1`, [
        message.dedupeKey,
      ]);
      const { id } = await bench.find(message.dedupeKey);
      bench.queue.jobs.push({ name: 'deliver.send', payload: { projectId: 1, messageIds: [id] }, dueAt: 0 });
      await bench.queue.runDue();
      const sink = bench.app.get(SinkRepository);
      const mails = await sink.list(1, 'twice@example.com', { limit: 10, before: null });
      expect(mails.map(({ messageId }) => messageId)).toEqual([id, id]);
      const mail = await sink.find(1, mails[0]?.id ?? '');
      expect(mail).toMatchObject({ subject: 'Come back', text: 'Hello\n', sender: 'no-reply@example.com' });
      expect(mail?.raw.toString()).toContain('X-Rekindle-Message');
      expect(await sink.find(2, mails[0]?.id ?? '')).toBeNull();
    });

    it('keeps the newest', async () => {
      const sink = bench.app.get(SinkRepository);
      const before = await sink.list(1, null, { limit: 10, before: null });
      await sink.trim(1);
      expect(await sink.list(1, null, { limit: 10, before: null })).toEqual(before.slice(0, 1));
    });
  });

  describe('the admin API', () => {
    it('lists messages by every filter, page by page, and shows the history of one', async () => {
      const messages = [1, 2, 3].map(() => bench.aMessage({ campaignId: 'cmp_api', userId: 77 }));
      await ledger.plan([...messages, bench.aMessage({ campaignId: 'cmp_api', address: null })]);
      await bench.queue.runDue();
      const query = 'messages?campaign=cmp_api&user=usr_77&state=accepted&limit=2';
      const first = await bench.api('GET', query, { key: 'viewer' });
      const second = await bench.api('GET', `${query}&cursor=${first.json.nextCursor}`);
      const items = [...first.json.items, ...second.json.items];
      expect(items.map(({ userId }) => userId)).toEqual(['usr_77', 'usr_77', 'usr_77']);
      expect(new Set(items.map(({ id }) => id)).size).toBe(3);
      expect(second.json.nextCursor).toBeNull();
      const held = await bench.api('GET', 'messages?campaign=cmp_api&reason=no_address');
      expect(held.json.items).toHaveLength(1);
      const one = await bench.api('GET', `messages/${items[0].id}`);
      expect(one.json.log.map(({ state }: { state: string }) => state)).toEqual([
        'queued',
        'sending',
        'accepted',
      ]);
      expect(
        (await bench.api('GET', `messages/${items[0].id}`, { project: 'other', key: 'installation' })).status,
      ).toBe(404);
      expect((await bench.api('GET', 'messages?user=77')).status).toBe(422);
    });

    it('settles only what is unknown', async () => {
      const message = bench.aMessage();
      await ledger.plan([message]);
      const { id } = await bench.find(message.dedupeKey);
      const settle = () =>
        bench.api('POST', `messages/${id}/settle`, { body: { state: 'accepted', note: 'seen' } });
      expect((await settle()).status).toBe(409);
      await bench.db.execute(`UPDATE message SET state = 'unknown' WHERE id = $1`, [id]);
      expect((await settle()).json).toMatchObject({
        state: 'accepted',
        detail: 'Settled by key_marketer: seen',
      });
      await bench.queue.runDue();
      expect(await bench.eventsOf(message)).toHaveLength(1);
      expect(
        (await bench.api('POST', 'messages/msg_none/settle', { body: { state: 'failed' } })).status,
      ).toBe(404);
    });

    it('blocks, finds, checks and unblocks', async () => {
      const body = { kind: 'domain', value: '@Blocked.Example', channel: 'email', note: 'test' };
      const added = await bench.api('POST', 'blocklist', { body });
      expect(added).toMatchObject({ status: 200, json: { value: 'blocked.example', reason: 'manual' } });
      expect((await bench.api('POST', 'blocklist', { body })).json.id).toBe(added.json.id);
      const found = await bench.api('GET', 'blocklist?search=BLOCKED&channel=email');
      expect(found.json.items).toEqual([added.json]);
      const check = () => bench.api('GET', 'blocklist/check?channel=email&address=ann@mail.blocked.example');
      expect((await check()).json).toMatchObject({
        allowed: false,
        reason: 'manual',
        entry: { id: added.json.id },
      });
      expect((await bench.api('DELETE', `blocklist/${added.json.id}`)).status).toBe(204);
      expect((await bench.api('DELETE', `blocklist/${added.json.id}`)).status).toBe(404);
      expect((await check()).json).toEqual({ allowed: true, reason: null, entry: null });
      const history = await bench.api('GET', 'blocklist?search=blocked.example&includeRemoved=true');
      expect(history.json.items[0]).toMatchObject({ removedBy: 'key_marketer' });
    });

    it.each([
      [{ kind: 'user', value: '7' }, '/value'],
      [{ kind: 'domain', value: 'a b' }, '/value'],
      [{ kind: 'address', value: 'a@example.com', channel: 'pigeon' }, '/channel'],
      [{ kind: 'address', value: 'a@example.com', expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
      [{ kind: 'address', value: 'a@example.com', reason: 'bored' }, '/reason'],
    ])('refuses the entry %j and points at %s', async (body, pointer) => {
      const answer = await bench.api('POST', 'blocklist', { body });
      expect(answer.status).toBe(422);
      expect(answer.json.errors[0].pointer).toBe(pointer);
    });

    it('keeps the secrets of a channel to itself, and its settings from keys of one project', async () => {
      const body = { smtpUrl: 'smtps://user:secret@mail.example.com', from: 'Shop <shop@example.com>' };
      expect((await bench.api('PUT', 'channels/email', { body, key: 'admin' })).status).toBe(403);
      const options = { key: 'installation', project: 'other' } as const;
      const saved = await bench.api('PUT', 'channels/email', { body, ...options });
      expect(saved.json).toMatchObject({ source: 'project', settings: { from: 'Shop <shop@example.com>' } });
      const shown = await bench.api('GET', 'channels', options);
      expect(JSON.stringify([saved.json, shown.json])).not.toContain('secret');
      const wrong = await bench.api('PUT', 'channels/email', { body: { ...body, smtpUrl: 'x' }, ...options });
      expect(wrong.json.errors[0].pointer).toBe('/smtpUrl');
      expect((await bench.api('DELETE', 'channels/email', options)).status).toBe(204);
      expect((await bench.api('GET', 'channels/email', options)).json.source).toBe('installation');
      expect((await bench.api('GET', 'channels/pigeon', options)).status).toBe(404);
    });

    it('lists webhook calls, and gives the signing key to admins only, another one per project', async () => {
      const list = await bench.api('GET', 'webhooks/calls?state=failed&origin=trg_1&limit=1');
      expect(list.json.items[0]).toMatchObject({ state: 'failed', userId: 'usr_5', nextAttemptAt: null });
      expect((await bench.api('GET', 'webhooks/signing-key')).status).toBe(403);
      const own = await bench.api('GET', 'webhooks/signing-key', { key: 'admin' });
      const other = await bench.api('GET', 'webhooks/signing-key', { key: 'installation', project: 'other' });
      expect(own.json.key).toMatch(/^\S{43}$/);
      expect(other.json.key).not.toBe(own.json.key);
    });

    it('shows and empties the development sink', async () => {
      const message = bench.aMessage();
      await ledger.plan([message]);
      await bench.queue.runDue();
      const list = await bench.api('GET', `sink/messages?to=${message.address}&limit=5`);
      expect(list.json.items).toHaveLength(1);
      const mail = await bench.api('GET', `sink/messages/${list.json.items[0].id}`);
      expect(mail.json).toMatchObject({
        html: expect.stringContaining('<p>Hello</p>'),
        to: [message.address],
      });
      expect((await bench.api('DELETE', 'sink/messages')).json.deleted).toBeGreaterThan(0);
      expect((await bench.api('GET', 'sink/messages')).json.items).toEqual([]);
    });
  });
});
