import { Injectable, Module } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { JournalModule } from '../journal/journal.module.js';
import { registerCollectRoutes } from './http/collect.routes.js';
import { CollectHandler } from './http/collect-handler.js';

/** Opens the addresses that SDKs send to; only a process with the role `collect` calls it. */
@Injectable()
export class CollectRoutes {
  constructor(private readonly handler: CollectHandler) {}

  /** To be called before the server listens. */
  register(fastify: FastifyInstance): Promise<void> {
    return registerCollectRoutes(fastify, this.handler);
  }
}

@Module({
  imports: [JournalModule],
  providers: [CollectHandler, CollectRoutes],
  exports: [CollectRoutes],
})
export class CollectModule {}
