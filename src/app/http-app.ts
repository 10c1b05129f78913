import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CollectRoutes } from '../collect/collect.module.js';
import { newId } from '../kernel/ids.js';
import type { Config } from '../platform/config/config.js';
import { ACCESS_RULE } from '../platform/http-server/access.js';
import { sendProblem } from '../platform/http-server/problem.filter.js';
import { PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { serverLimits } from '../platform/http-server/server-limits.js';
import { closeUnusedConnections } from '../platform/http-server/unused-connections.js';
import { takeFiles } from '../platform/http-server/upload.js';
import { NestLogger } from '../platform/log/nest-logger.js';
import { AppModule } from './app.module.js';
import { serveOpenApi } from './openapi.js';
import type { PlatformServices } from './platform.module.js';
import { serveQueueDashboard } from './queue-dashboard.js';

const ADMIN_BODY_LIMIT_BYTES = 2 * 1024 * 1024;
const ADMIN_PATH = /^\/(api|docs|admin)(\/|$|\?|-)/;
const OPERATIONS_PATH = /^\/(health\/|metrics)/;

/** Builds the application with everything bound and the routes of this process's roles; it does not listen yet. */
export async function createHttpApp(services: PlatformServices): Promise<NestFastifyApplication> {
  const { config } = services;
  const proxies = config.get('TRUSTED_PROXIES');
  const adapter = new FastifyAdapter({
    trustProxy: proxies.length > 0 ? proxies : false,
    bodyLimit: ADMIN_BODY_LIMIT_BYTES,
    ...serverLimits(config),
    // SDKs hear of no id, and making one takes its time.
    genReqId: ({ url }: { url?: string | undefined }) => (url?.startsWith('/api/') ? newId('request') : ''),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    // Controllers answer HEAD themselves: a HEAD on a link must not count.
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 512 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(services), adapter, {
    logger: new NestLogger(),
    abortOnError: false,
    // Fastify's own JSON parser; a form is no body of the admin API.
    bodyParser: false,
  });
  adapter.getInstance().removeContentTypeParser('text/plain');
  closeUnusedConnections(adapter.getInstance());
  takeFiles(adapter.getInstance(), {
    idleMs: config.get('HTTP_UPLOAD_IDLE_MS'),
    totalMs: config.get('HTTP_UPLOAD_TIMEOUT_MS'),
  });
  serveRoles(app, config);
  serveOpenApi(app);
  await serveQueueDashboard(app, services.queues);
  if (config.hasRole('collect')) await app.get(CollectRoutes).register(adapter.getInstance());
  await app.init();
  assertEveryRouteIsGuarded(app);
  return app;
}

/** What a process without the role would answer is as if it did not exist; admin requests get an id. */
function serveRoles(app: NestFastifyApplication, config: Config): void {
  const isServed = (url: string) =>
    OPERATIONS_PATH.test(url) || config.hasRole(ADMIN_PATH.test(url) ? 'api' : 'collect');
  const servesAll = config.hasRole('api') && config.hasRole('collect');
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (!servesAll && !isServed(request.url)) {
        void reply.status(404).send();
        return;
      }
      if (request.url.startsWith('/api/')) {
        void reply.header('x-request-id', request.id);
        if (request.url.includes('%00')) {
          void sendProblem(reply, new Problem(PROBLEMS.notFound, 'No address holds a NUL character.'));
          return;
        }
      }
      done();
    });
}

/** A route that nobody thought about must not be open. @throws naming the handlers without @Access */
function assertEveryRouteIsGuarded(app: NestFastifyApplication): void {
  const open: string[] = [];
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype === 'function') open.push(...handlersWithoutAccess(metatype as new () => object));
    }
  }
  if (open.length > 0) throw new Error(`Routes without @Access: ${open.join(', ')}.`);
}

function handlersWithoutAccess(controller: new () => object): string[] {
  return Object.getOwnPropertyNames(controller.prototype)
    .map((name) => ({
      name,
      handler: Object.getOwnPropertyDescriptor(controller.prototype, name)?.value as object,
    }))
    .filter(({ handler }) => typeof handler === 'function' && Reflect.hasMetadata(METHOD_METADATA, handler))
    .filter(
      ({ handler }) =>
        !Reflect.hasMetadata(ACCESS_RULE, handler) && !Reflect.hasMetadata(ACCESS_RULE, controller),
    )
    .map(({ name }) => `${controller.name}.${name}`);
}
