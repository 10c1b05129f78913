import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../src/platform/engines/free-port.js';
import { profileSet, type Rekindle, startRekindle, track, waitFor } from '../support/rekindle.js';

const hasRedis = isInstalled('redis-server');

/** Promise 4. Needs Debian's redis-server, which CI installs. */
(hasRedis ? describe : describe.skip)('promise 4: Redis can be thrown away', () => {
  let folder: string;
  let server: ChildProcess;
  let redis: Redis;
  let rekindle: Rekindle;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekindle-redis-'));
    const port = await freePort();
    server = spawn(
      'redis-server',
      ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder],
      {
        stdio: 'ignore',
      },
    );
    redis = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null });
    await redis.ping();
    rekindle = await startRekindle({ REDIS_URL: `redis://127.0.0.1:${port}`, LOG_LEVEL: 'silent' });
  });
  afterAll(async () => {
    await rekindle?.stop();
    redis?.disconnect();
    server?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it('loses no event, timer or message when it is emptied again and again, and sends none twice', async () => {
    const { slug, api } = await rekindle.newProject();
    const users = 200;
    const template = {
      slug: 'flush',
      channel: 'email',
      subject: 'Hello {{profile.name}}',
      html: '<p>Hi</p>',
      text: 'Hi',
    };
    expect((await api('POST', 'templates', template)).status).toBe(201);
    const rule = {
      version: 1,
      on: { event: 'ViewProduct' },
      unless: { event: 'PayOrder', within: { seconds: 2 } },
      actions: [{ type: 'send_message', templateId: 'flush', channel: 'email' }],
    };
    expect((await api('POST', 'triggers', { name: 'flush', rule })).status).toBe(201);
    await new Promise((done) => setTimeout(done, 2_200));

    const flushing = setInterval(() => void redis.flushall(), 150);
    for (let first = 0; first < users; first += 20) {
      const names = Array.from({ length: 20 }, (_, i) => `user-${first + i}`);
      const answer = await rekindle.sendEvents(slug, [
        ...names.map((name) => profileSet(name, { email: `${name}@example.com`, name })),
        ...names.map((name) => track(name, 'ViewProduct')),
      ]);
      expect(answer.status).toBe(200);
      await new Promise((done) => setTimeout(done, 200));
    }
    await new Promise((done) => setTimeout(done, 3_000));
    clearInterval(flushing);

    const mails = async () => (await api('GET', 'sink/messages?limit=500')).json.items as { to: string }[];
    await waitFor(async () => (await mails()).length >= users, 90_000);
    await new Promise((done) => setTimeout(done, 2_000));
    const recipients = (await mails()).map(({ to }) => to);
    expect(recipients.length).toBe(users);
    expect(new Set(recipients).size).toBe(users);
  }, 150_000);
});

function isInstalled(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
