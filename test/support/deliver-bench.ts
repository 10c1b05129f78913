import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { connectDatabase } from '../../src/app/migrations.js';
import { BlocklistService } from '../../src/deliver/blocklist.service.js';
import {
  DeliverUpkeep,
  MessageRenderer,
  type PlannedMessage,
  type RenderResult,
} from '../../src/deliver/contract.js';
import type { BlocklistEntry } from '../../src/deliver/data/blocklist.repository.js';
import { DeliverModule } from '../../src/deliver/deliver.module.js';
import { type Effect, EffectSink, type RecordEvent } from '../../src/kernel/effects.js';
import { Clock } from '../../src/platform/clock/clock.js';
import { Config } from '../../src/platform/config/config.js';
import { Database } from '../../src/platform/db/database.js';
import { type EmbeddedEngines, startEngines } from '../../src/platform/engines/embedded-engines.js';
import { HttpClient } from '../../src/platform/http-client/http-client.js';
import { AccessGuard } from '../../src/platform/http-server/access.guard.js';
import { Authenticator, type RequestProject, type Scope } from '../../src/platform/http-server/access.js';
import { ProblemFilter } from '../../src/platform/http-server/problem.filter.js';
import { ValidationPipe } from '../../src/platform/http-server/validation.pipe.js';
import { JobHandlers, JobQueue } from '../../src/platform/queue/job.js';
import { Secrets } from '../../src/platform/secrets/secrets.js';
import { HeldQueue, StoppedClock } from './held-queue.js';

class KeptEffects extends EffectSink {
  readonly all: Effect[] = [];
  async dispatch(effects: readonly Effect[]): Promise<void> {
    this.all.push(...effects);
  }
}

class PlainRenderer extends MessageRenderer {
  async render(messages: Parameters<MessageRenderer['render']>[0]): Promise<Map<string, RenderResult>> {
    return new Map(
      messages.map((message): [string, RenderResult] => [
        message.id,
        message.variables['missing'] === true
          ? { kind: 'held', reason: 'missing_variable', detail: 'name' }
          : {
              kind: 'rendered',
              content: { subject: 'Come back', html: '<p>Hello</p>', text: 'Hello', from: null },
            },
      ]),
    );
  }
}

/** Keys are named after their scopes; `installation` is good for every project. */
class PlainAuthenticator extends Authenticator {
  async findPrincipal(apiKey: string) {
    const scope = apiKey === 'installation' ? 'admin' : (apiKey as Scope);
    return { keyId: `key_${apiKey}`, projectId: apiKey === 'installation' ? null : 1, scopes: [scope] };
  }

  async findProject(slug: string): Promise<RequestProject | null> {
    const id = ['default', 'other'].indexOf(slug) + 1;
    return id === 0 ? null : { id, slug, name: slug, timeZone: 'UTC' };
  }
}

interface ApiOptions {
  body?: object;
  key?: Scope | 'installation';
  project?: 'default' | 'other';
}

/** The deliver stage by itself, over a real PostgreSQL and the real development sink. */
export class DeliverBench {
  private messages = 0;
  private constructor(
    readonly app: NestFastifyApplication,
    readonly db: Database,
    readonly clock: StoppedClock,
    readonly queue: HeldQueue,
    readonly effects: Effect[],
    private readonly closeAll: () => Promise<void>,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<DeliverBench> {
    const dataDir = await mkdtemp(join(tmpdir(), 'rekindle-deliver-'));
    await chmod(dataDir, 0o711); // as root, PostgreSQL runs as another user, who has to enter it
    const engines = await startPostgres(dataDir);
    const db = await connectDatabase(engines.urls.databaseUrl, 12);
    await db.source.runMigrations();
    const clock = new StoppedClock();
    const queue = new HeldQueue(clock);
    const effects = new KeptEffects();
    const config = Config.parse(env);
    const http = new HttpClient(config.get('OUTBOUND_ALLOW_HOSTS'));
    const providers = [
      { provide: Config, useValue: config },
      { provide: Clock, useValue: clock },
      { provide: Database, useValue: db },
      { provide: JobQueue, useValue: queue },
      { provide: JobHandlers, useValue: queue },
      { provide: Secrets, useValue: new Secrets('a secret key of at least 32 characters') },
      { provide: HttpClient, useValue: http },
      { provide: EffectSink, useValue: effects },
      { provide: MessageRenderer, useValue: new PlainRenderer() },
      { provide: Authenticator, useValue: new PlainAuthenticator() },
    ];
    const face = [
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_GUARD, useClass: AccessGuard },
      { provide: APP_PIPE, useClass: ValidationPipe },
    ];
    @Global()
    @Module({ providers, exports: providers.map(({ provide }) => provide) })
    class Surroundings {}
    @Module({ imports: [Surroundings, DeliverModule], providers: face })
    class Bench {}
    const options = { logger: false, abortOnError: false } as const;
    const app = await NestFactory.create<NestFastifyApplication>(
      Bench,
      new FastifyAdapter({ forceCloseConnections: true }),
      options,
    );
    await app.listen(0, '127.0.0.1');
    return new DeliverBench(app, db, clock, queue, effects.all, async () => {
      await app.close();
      await http.close();
      await db.close();
      await engines.stop();
      await rm(dataDir, { recursive: true, force: true });
    });
  }

  stop(): Promise<void> {
    return this.closeAll();
  }

  /** Calls the admin API below a project. */
  async api(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options: ApiOptions = {}) {
    const url = `${await this.app.getUrl()}/api/v1/projects/${options.project ?? 'default'}/${path}`;
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${options.key ?? 'marketer'}`,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
  }

  /** A message to a user of its own, unless told otherwise. */
  aMessage(changes: Partial<PlannedMessage> = {}): PlannedMessage {
    const n = ++this.messages;
    return {
      projectId: 1,
      userId: n,
      channel: 'email',
      address: `user${n}@example.com`,
      templateId: 'tpl_1',
      templateVersion: 1,
      campaignId: null,
      planRunId: null,
      origin: 'api',
      dedupeKey: `message ${n}`,
      variables: {},
      holdReason: null,
      sendAt: this.clock.now(),
      frequencyCap: null,
      ...changes,
    };
  }

  /** Runs one of the stage's periodic tasks. */
  async upkeep(name: string): Promise<void> {
    const tasks = this.app.get(DeliverUpkeep, { strict: false }).tasks();
    await tasks.find((task) => task.name === name)?.run();
  }

  /** Puts the address of a message on the blocklist. */
  block(message: PlannedMessage): Promise<BlocklistEntry> {
    return this.app.get(BlocklistService).add(1, {
      channel: '*',
      kind: 'address',
      value: message.address ?? '',
      reason: 'manual',
      note: '',
      createdBy: 'key_test',
      expiresAt: null,
    });
  }

  /** What the user's timeline got to know about a message. */
  async eventsOf(message: PlannedMessage): Promise<RecordEvent[]> {
    const { id } = await this.find(message.dedupeKey);
    return this.effects.flatMap((effect) =>
      effect.kind === 'record_event' && effect.properties['message_id'] === id ? [effect] : [],
    );
  }

  async find(dedupeKey: string) {
    const [row] = await this.db.query<{
      id: string;
      state: string;
      reason: string | null;
      detail: string | null;
      attempts: number;
      opened_at: Date | null;
      clicked_at: Date | null;
    }>('SELECT * FROM message WHERE dedupe_key = $1', [dedupeKey]);
    if (!row) throw new Error(`There is no message ${dedupeKey}.`);
    return row;
  }

  /** States that a message went through, in order. */
  async historyOf(dedupeKey: string): Promise<string[]> {
    const rows = await this.db.query<{ state: string }>(
      `SELECT l.state FROM message_log l JOIN message m ON m.id = l.message_id WHERE m.dedupe_key = $1 ORDER BY l.id`,
      [dedupeKey],
    );
    return rows.map(({ state }) => state);
  }

  /** How many mails the sink got for an address. */
  async mailsTo(address: string): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM sink_message WHERE $1 = ANY(recipients)',
      [address],
    );
    return row?.count ?? 0;
  }
}

function startPostgres(dataDir: string): Promise<EmbeddedEngines> {
  return startEngines({
    dataDir,
    clickhouseUrl: 'http://127.0.0.1:1',
    onLog: () => undefined,
    onDeath: () => undefined,
    onExit: (engine, detail) => {
      throw new Error(`${engine} ended: ${detail}`);
    },
  });
}
