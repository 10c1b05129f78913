import 'reflect-metadata';
import { parentPort, workerData } from 'node:worker_threads';
import { NestFactory } from '@nestjs/core';
import { JournalReader } from '../journal/contract.js';
import { Config } from '../platform/config/config.js';
import { log } from '../platform/log/log.js';
import { NestLogger } from '../platform/log/nest-logger.js';
import { ownMetrics } from '../platform/metrics/metrics.js';
import { AppModule } from './app.module.js';
import type { FromIngest, IngestThreadData, ToIngest } from './ingest-thread.js';
import { readJournal } from './read-journal.js';
import { startServices } from './services.js';

// The thread that `IngestThread` starts. The stores are up and up to date, so it starts no engine.
const port = parentPort;
if (!port) throw new Error('This runs as a thread of the service.');
const tell = (message: FromIngest) => port.postMessage(message);

const config = Config.fromEnvironment().with((workerData as IngestThreadData).settings);
log.level = config.get('LOG_LEVEL');
const services = await startServices(config, (detail) => log.fatal(detail));
services.news.connect((news) => tell({ kind: 'news', news }));
const app = await NestFactory.createApplicationContext(AppModule.with(services), {
  logger: new NestLogger(),
  abortOnError: false,
});

port.on('message', (message: ToIngest) => {
  if (message.kind === 'news') services.news.hear(message.news);
  else if (message.kind === 'metrics')
    void ownMetrics().then((metrics) => tell({ kind: 'metrics', metrics }));
  else void stop();
});
readJournal(app);
tell({ kind: 'reading' });

async function stop(): Promise<void> {
  await app.get(JournalReader).stop();
  await app.close();
  await services.close();
  process.exit();
}
