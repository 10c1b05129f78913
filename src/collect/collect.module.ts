import { Injectable, Module } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { JournalModule } from '../journal/journal.module.js';
import { RemoteConfigRepository } from './data/remote-config.repository.js';
import { registerCollectRoutes } from './http/collect.routes.js';
import { CollectHandler } from './http/collect-handler.js';
import { Intake } from './http/intake.js';
import { KeyedHandler } from './http/keyed-handler.js';
import { RemoteConfigController } from './http/remote-config.controller.js';
import { RemoteConfigs } from './remote-configs.js';

/** Opens the addresses that SDKs send to; only a process with the role `collect` calls it. */
@Injectable()
export class CollectRoutes {
  constructor(
    private readonly handler: CollectHandler,
    private readonly configs: RemoteConfigs,
    private readonly keyed: KeyedHandler,
  ) {}

  /** To be called before the server listens. */
  register(fastify: FastifyInstance): Promise<void> {
    return registerCollectRoutes(fastify, {
      handler: this.handler,
      keyed: this.keyed,
      configs: this.configs,
    });
  }
}

@Module({
  imports: [JournalModule],
  controllers: [RemoteConfigController],
  providers: [Intake, CollectHandler, KeyedHandler, CollectRoutes, RemoteConfigRepository, RemoteConfigs],
  exports: [CollectRoutes],
})
export class CollectModule {}
