import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessService } from '../access/access.service.js';
import { Schedule } from '../flow/schedule.js';
import { JournalReader } from '../journal/contract.js';
import { Config, ConfigError } from '../platform/config/config.js';
import { EngineStartError } from '../platform/engines/engine-start-error.js';
import { freePort } from '../platform/engines/free-port.js';
import { log } from '../platform/log/log.js';
import { banner } from './banner.js';
import { createHttpApp } from './http-app.js';
import { IngestThread } from './ingest-thread.js';
import { readJournal } from './read-journal.js';
import { type RunningServices, startServices } from './services.js';
import { StartError } from './start-error.js';

async function main(): Promise<void> {
  const startedAt = Date.now();
  const config = Config.fromEnvironment();
  log.level = config.get('LOG_LEVEL');
  let stop: (code: number) => Promise<void> = async (code) => process.exit(code);
  const services = await startServices(await withPort(config), (detail) => {
    log.fatal(detail);
    void stop(1);
  });
  stop = once((code) => shutDown(null, services, code));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
  try {
    const app = await createHttpApp(services);
    stop = once((code) => shutDown(app, services, code));
    const adminKey = await app.get(AccessService).ensureAdminKey(services.config.get('ADMIN_API_KEY'));
    await listen(app, services.config);
    await startRoles(app, services, (error) => {
      log.fatal({ err: error }, 'the thread of the ingest flow ended');
      void stop(1);
    });
    process.stdout.write(banner({ adminKey, startupMs: Date.now() - startedAt, config: services.config }));
  } catch (error) {
    await services.close();
    throw error;
  }
}

/** A free port is chosen before anything starts, because links are made with it. */
async function withPort(config: Config): Promise<Config> {
  return config.get('HTTP_PORT') === 0 ? config.with({ HTTP_PORT: await freePort() }) : config;
}

async function startRoles(
  app: NestFastifyApplication,
  { config, queues }: RunningServices,
  onThreadEnd: (error: unknown) => void,
): Promise<void> {
  if (config.hasRole('worker')) {
    queues.start();
    if (config.hasIngestThread) await app.get(IngestThread).start(onThreadEnd);
    else readJournal(app);
  }
  if (config.hasRole('scheduler')) app.get(Schedule).start();
}

async function listen(app: NestFastifyApplication, config: Config): Promise<void> {
  const host = config.get('HTTP_HOST');
  try {
    await app.listen(config.get('HTTP_PORT'), host);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new StartError(
        `Port ${config.get('HTTP_PORT')} on ${host} is in use: set HTTP_PORT to another port, or to 0 for a free one.`,
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
      throw new StartError(
        `The service may not listen on ${host}:${config.get('HTTP_PORT')} (${code}): set HTTP_HOST and HTTP_PORT.`,
      );
    }
    throw error;
  }
}

/** Lets what is under way end: requests, then the batch and the jobs, then the connections and engines. */
async function shutDown(
  app: NestFastifyApplication | null,
  services: RunningServices,
  code: number,
): Promise<void> {
  const timeoutMs = services.config.get('SHUTDOWN_TIMEOUT_MS');
  setTimeout(() => {
    log.error({ timeoutMs }, 'the stop took too long: what is left will be done after the next start');
    process.exit(1);
  }, timeoutMs).unref();
  try {
    if (app) {
      await app.get(Schedule).stop();
      await app.getHttpAdapter().getInstance().close();
      await app.get(IngestThread).stop();
      await app.get(JournalReader).stop();
      await services.queues.stopWorkers();
      await app.close();
    }
    await services.close();
    process.exit(code);
  } catch (error) {
    log.error({ err: error }, 'the stop failed');
    process.exit(1);
  }
}

function once(run: (code: number) => Promise<void>): (code: number) => Promise<void> {
  let running: Promise<void> | null = null;
  return (code) => {
    running ??= run(code);
    return running;
  };
}

main().catch((error: unknown) => {
  const isExpected =
    error instanceof ConfigError || error instanceof StartError || error instanceof EngineStartError;
  if (isExpected) process.stderr.write(`${error.message}\n`);
  else log.fatal({ err: error }, 'the service cannot start');
  process.exit(1);
});
