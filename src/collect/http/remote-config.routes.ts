import type { FastifyReply, FastifyRequest } from 'fastify';
import { type RemoteConfigAnswer, toKeyList } from '../core/remote-config.js';
import type { RemoteConfigs } from '../remote-configs.js';

/** Last segments of the addresses; they answer below any prefix, like those that take events. */
export const REMOTE_CONFIG_SEGMENTS = ['Android.conf', 'iOS.conf'] as const;
export const KEY_LIST_SEGMENT = 'encryption-keys.json';

const FRESH = { 'cache-control': 'no-store' };
type Answer = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/**
 * `…/config/Android.conf` and `…/config/iOS.conf`. Anything else with that last segment, such as the configuration of
 * visual tracking below `config/visualized`, is answered 404, after which SDKs stop asking.
 */
export function answerRemoteConfig(configs: RemoteConfigs): Answer {
  return async (request, reply) => {
    const answer: RemoteConfigAnswer = isConfigPath(request.url)
      ? await configs.answer(queryText(request, 'project'), queryText(request, 'v'))
      : { status: 404 };
    void reply.code(answer.status).headers(FRESH);
    return answer.status === 200 ? reply.send(answer.document) : reply.send();
  };
}

/** `…/config/encryption-keys.json`: the public keys of a project, for SDKs that are given theirs when they are built. */
export function answerKeyList(configs: RemoteConfigs): Answer {
  return async (request, reply) => {
    const keys = isConfigPath(request.url) ? await configs.listKeys(queryText(request, 'project')) : null;
    if (keys === 'unavailable') return reply.code(503).headers(FRESH).send();
    void reply.code(keys ? 200 : 404).headers(FRESH);
    return keys ? reply.send({ keys: toKeyList(keys) }) : reply.send();
  };
}

function isConfigPath(url: string): boolean {
  return /(?:^|\/)config\/[^/]+\/?$/.test(url.split('?', 1)[0] ?? '');
}

function queryText(request: FastifyRequest, name: string): string | null {
  const value = (request.query as Record<string, unknown>)[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : null;
}
