import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ClickHouse } from '../platform/clickhouse/clickhouse.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/db/database.js';
import { HttpClient } from '../platform/http-client/http-client.js';
import { Kafka } from '../platform/kafka/kafka.js';
import { BullQueues } from '../platform/queue/bull-queues.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { News } from '../platform/threads/news.js';

/** What a process has before any stage: its configuration and its connections. */
export interface PlatformServices {
  config: Config;
  clock: Clock;
  db: Database;
  clickhouse: ClickHouse;
  queues: BullQueues;
  secrets: Secrets;
  http: HttpClient;
  kafka: Kafka;
  news: News;
}

@Global()
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: a dynamic module of Nest is a class with a static method
export class PlatformModule {
  static with(services: PlatformServices): DynamicModule {
    const providers = [
      { provide: Config, useValue: services.config },
      { provide: Clock, useValue: services.clock },
      { provide: Database, useValue: services.db },
      { provide: ClickHouse, useValue: services.clickhouse },
      { provide: BullQueues, useValue: services.queues },
      { provide: JobQueue, useValue: services.queues },
      { provide: JobHandlers, useValue: services.queues },
      { provide: Secrets, useValue: services.secrets },
      { provide: HttpClient, useValue: services.http },
      { provide: Kafka, useValue: services.kafka },
      { provide: News, useValue: services.news },
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
