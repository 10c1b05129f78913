import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { connectDatabase } from '../../src/app/migrations.js';
import { type Effect, EffectSink } from '../../src/kernel/effects.js';
import { LinkModule } from '../../src/link/link.module.js';
import { Clock, SystemClock } from '../../src/platform/clock/clock.js';
import { Config } from '../../src/platform/config/config.js';
import { Database } from '../../src/platform/db/database.js';
import { startEngines } from '../../src/platform/engines/embedded-engines.js';
import { Secrets } from '../../src/platform/secrets/secrets.js';

/** Keeps what it is handed, or refuses it as long as a test says so. */
export class KeptEffects extends EffectSink {
  all: Effect[] = [];
  isDown = false;
  /** How often they were refused. */
  refusals = 0;
  async dispatch(effects: readonly Effect[]): Promise<void> {
    if (this.isDown) {
      this.refusals++;
      throw new Error('The journal is down.');
    }
    this.all.push(...effects);
  }
}

/** The link stage by itself, over a real PostgreSQL. */
export class LinkBench {
  private constructor(
    readonly app: INestApplicationContext,
    readonly db: Database,
    readonly effects: KeptEffects,
    private readonly closeAll: () => Promise<void>,
  ) {}

  static async start(): Promise<LinkBench> {
    const dataDir = await mkdtemp(join(tmpdir(), 'rekindle-link-'));
    // A test that runs as root starts PostgreSQL as another user, who has to reach the folder.
    await chmod(dataDir, 0o755);
    const engines = await startEngines({
      dataDir,
      clickhouseUrl: 'http://127.0.0.1:1',
      onLog: () => undefined,
      onDeath: () => undefined,
      onExit: (engine, detail) => {
        throw new Error(`${engine} ended: ${detail}`);
      },
    });
    const db = await connectDatabase(engines.urls.databaseUrl, 12);
    await db.source.runMigrations();
    const effects = new KeptEffects();
    const providers = [
      { provide: Config, useValue: Config.parse({ PUBLIC_URL: 'https://go.example.com' }) },
      { provide: Clock, useValue: new SystemClock() },
      { provide: Database, useValue: db },
      { provide: Secrets, useValue: new Secrets('a secret key of at least 32 characters') },
      { provide: EffectSink, useValue: effects },
    ];
    @Global()
    @Module({ providers, exports: providers.map(({ provide }) => provide) })
    class Surroundings {}
    @Module({ imports: [Surroundings, LinkModule] })
    class Bench {}
    const app = await NestFactory.createApplicationContext(Bench, { logger: false, abortOnError: false });
    return new LinkBench(app, db, effects, async () => {
      await app.close();
      await db.close();
      await engines.stop();
      await rm(dataDir, { recursive: true, force: true });
    });
  }

  stop(): Promise<void> {
    return this.closeAll();
  }

  /** How many clicks wait for their effects to be handed over. */
  async pendingClicks(): Promise<number> {
    const [row] = await this.db.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM link_click WHERE is_pending',
    );
    return row?.count ?? 0;
  }
}
