import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { EventSource, SourceRoute } from '../core/event-source.js';
import { lastSegment } from '../core/last-segment.js';
import type { RemoteConfigs } from '../remote-configs.js';
import { EVENT_SOURCES } from '../sources/index.js';
import { CollectHandler } from './collect-handler.js';
import type { CollectReply, CollectRequest } from './intake.js';
import { KeyedHandler } from './keyed-handler.js';
import { NO_BODY } from './read-body.js';
import {
  answerKeyList,
  answerRemoteConfig,
  KEY_LIST_SEGMENT,
  REMOTE_CONFIG_SEGMENTS,
} from './remote-config.routes.js';

/** Name of the router's constraint that lets a route answer below any prefix. */
const BY_LAST_SEGMENT = 'lastSegment';
const ANY_ORIGIN = { 'access-control-allow-origin': '*' };
const PREFLIGHT = {
  ...ANY_ORIGIN,
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-allow-headers':
    'content-type, dry-run, sensorsdata-project, authorization, idempotency-key, x-retry-count',
  'access-control-max-age': '86400',
};

/** Who answers at the addresses. */
export interface CollectHandlers {
  /** For requests that name their project. */
  handler: CollectHandler;
  /** For requests that bring a key. */
  keyed: KeyedHandler;
  configs: RemoteConfigs;
}

/**
 * The addresses that SDKs send to, straight on Fastify: this is the hot path, and no pipe, guard or JSON parser of
 * the admin API has a part in it.
 */
export async function registerCollectRoutes(
  fastify: FastifyInstance,
  { handler, keyed, configs }: CollectHandlers,
): Promise<void> {
  fastify.addConstraintStrategy({
    name: BY_LAST_SEGMENT,
    storage: () => {
      const routes = new Map<unknown, Stored>();
      return {
        get: (segment: unknown) => routes.get(segment) ?? null,
        set: (segment: unknown, route: Stored) => {
          routes.set(segment, route);
        },
      };
    },
    deriveConstraint: (request: { url?: string | undefined }) => lastSegment(request.url ?? '/'),
  });
  await fastify.register(async (scope) => {
    takeAnyBody(scope, handler);
    for (const source of EVENT_SOURCES) {
      for (const route of source.routes) addRoute(scope, route, toAnswer(source, route, { handler, keyed }));
    }
    for (const segment of REMOTE_CONFIG_SEGMENTS) addConfigRoute(scope, segment, answerRemoteConfig(configs));
    addConfigRoute(scope, KEY_LIST_SEGMENT, answerKeyList(configs));
  });
}

type Stored = ReturnType<ReturnType<ConstraintStrategy['storage']>['get']> & object;
type ConstraintStrategy = Parameters<FastifyInstance['addConstraintStrategy']>[0];

/** Bodies come as bytes whatever their content type says: SDKs send forms as text, or with no type at all. */
function takeAnyBody(scope: FastifyInstance, handler: CollectHandler): void {
  scope.removeAllContentTypeParsers();
  scope.addHook('onRequest', (request, _reply, done) => {
    // Fastify would answer 415 to a type that it cannot read.
    request.raw.headers['content-type'] = 'application/octet-stream';
    done();
  });
  scope.addContentTypeParser('*', (_request: FastifyRequest, stream: Readable) => handler.readBody(stream));
}

type RouteHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

function toAnswer(
  source: EventSource,
  route: SourceRoute,
  { handler, keyed }: Pick<CollectHandlers, 'handler' | 'keyed'>,
): RouteHandler {
  const { open } = source;
  if (open) {
    const keyedSource = { ...source, open };
    const judges = route.purpose === 'judge';
    return async (request, reply) => {
      const header = (name: string) => firstText(request.headers[name]);
      const collected = { ...toCollectRequest(keyedSource, request), source: keyedSource, header };
      return send(reply, await (judges ? keyed.judge(collected) : keyed.store(collected)));
    };
  }
  const isCheck = route.purpose === 'check';
  return async (request, reply) => {
    const collected = toCollectRequest(source, request);
    return send(reply, await (isCheck ? handler.check(collected) : handler.store(collected)));
  };
}

/** A page of an origin that the project does not allow learns nothing. */
function send(reply: FastifyReply, answer: CollectReply): FastifyReply {
  // Written straight to the socket: what Fastify does for an answer is a fifth of what a request costs.
  reply.hijack();
  const headers = { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) };
  reply.raw.writeHead(answer.status, answer.isForeign ? headers : { ...headers, ...ANY_ORIGIN });
  reply.raw.end(answer.body);
  return reply;
}

function addRoute(scope: FastifyInstance, route: SourceRoute, handler: RouteHandler): void {
  const method: HTTPMethods[] = [...route.methods];
  const preflight = async (_request: FastifyRequest, reply: FastifyReply) =>
    reply.code(204).headers(PREFLIGHT).send();
  for (const place of placesOf(route)) {
    // A HEAD request carries no event: it must not be taken for a GET.
    scope.route({ ...place, method, handler, exposeHeadRoute: false });
    scope.route({ ...place, method: 'OPTIONS', handler: preflight });
  }
}

function addConfigRoute(
  scope: FastifyInstance,
  segment: string,
  answer: Parameters<typeof addRoute>[2],
): void {
  addRoute(scope, { methods: ['GET'], lastSegment: segment }, (request, reply) =>
    answer(request, reply.headers(ANY_ORIGIN)),
  );
}

function placesOf(route: SourceRoute): { url: string; constraints?: Record<string, string> }[] {
  if ('path' in route) return [{ url: route.path }, { url: `${route.path}/` }];
  const { lastSegment: segment } = route;
  return [{ url: `/${segment}` }, { url: '/*', constraints: { [BY_LAST_SEGMENT]: segment } }];
}

function toCollectRequest(source: EventSource, request: FastifyRequest): CollectRequest {
  const { url } = request;
  const mark = url.indexOf('?');
  const query = request.query as Record<string, unknown>;
  return {
    source,
    method: request.method,
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    project: firstText(query['project']),
    token: firstText(query['token']),
    ip: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    origin: request.headers.origin ?? null,
    referer: request.headers.referer ?? null,
    isDryRun: request.headers['dry-run'] === 'true',
    body: (request.body as CollectRequest['body'] | undefined) ?? NO_BODY,
  };
}

function firstText(value: unknown): string | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : null;
}
