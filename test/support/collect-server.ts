import Fastify, { type FastifyInstance } from 'fastify';
import { type CollectRules, Projects } from '../../src/access/contract.js';
import { PayloadInspector, SdkKeys } from '../../src/collect/contract.js';
import {
  RemoteConfigRepository,
  type StoredRemoteConfig,
} from '../../src/collect/data/remote-config.repository.js';
import { registerCollectRoutes } from '../../src/collect/http/collect.routes.js';
import { CollectHandler } from '../../src/collect/http/collect-handler.js';
import { Intake } from '../../src/collect/http/intake.js';
import { KeyedHandler } from '../../src/collect/http/keyed-handler.js';
import { RemoteConfigs } from '../../src/collect/remote-configs.js';
import { Journal } from '../../src/journal/contract.js';
import type { Envelope } from '../../src/kernel/event.js';
import { dead } from '../../src/kernel/outcome.js';
import type { Rejection, Verdict } from '../../src/kernel/verdict.js';
import { SystemClock } from '../../src/platform/clock/clock.js';
import { Config } from '../../src/platform/config/config.js';
import { Authenticator, type Principal } from '../../src/platform/http-server/access.js';

const SHOP = { id: 7, slug: 'shop', name: 'Shop', timeZone: 'UTC' };
export const LIMIT_BYTES = 100_000;

const NO_TIME_LIMITS = { lateDays: null, futureMinutes: null };
const theRules = (
  projectId: number,
  slug: string,
  acceptsToken: (token: string | null) => boolean,
): CollectRules => ({
  projectId,
  slug,
  acceptsToken,
  allowedOrigins: new Set(projectId === 7 ? ['https://shop.example'] : []),
  bodyLimitBytes: projectId === 7 ? 5_000 : null,
  timeLimits: NO_TIME_LIMITS,
});

/** `default` takes everything; `shop` wants a token, knows one page, and takes little at once. */
class TwoProjects extends Projects {
  async findBySlug(slug: string) {
    if (slug === 'default') return { ...SHOP, id: 1, slug };
    return slug === 'shop' ? SHOP : null;
  }
  async get() {
    return SHOP;
  }
  async list() {
    return [SHOP];
  }
  async timeLimits() {
    return NO_TIME_LIMITS;
  }
  async collectRules(slug: string) {
    if (slug === 'default') return theRules(1, slug, () => true);
    return slug === 'shop' ? theRules(7, slug, (token) => token === 'good') : null;
  }
  async collectRulesByKey(key: string) {
    if (key === 'good') return this.collectRules('shop');
    return key === 'default' ? this.collectRules('default') : null;
  }
}

class MemoryJournal extends Journal {
  readonly envelopes: Envelope[] = [];
  failure: Error | null = null;
  async append(envelope: Envelope) {
    if (this.failure) throw this.failure;
    this.envelopes.push(envelope);
  }
}

class EchoInspector extends PayloadInspector {
  async inspect(envelope: Envelope) {
    const valid = envelope.body.length > 0 || envelope.query.includes('data=');
    return { valid, stages: { errors: valid ? [] : [{ reason: 'no_payload', detail: 'nothing' }] } };
  }

  /** Knows the bodies of the tests below. */
  async judge(envelope: Envelope): Promise<Verdict> {
    const text = envelope.body.toString();
    const rejection: Rejection = {
      index: 0,
      pointer: '/event',
      code: 'missing_event_name',
      detail: 'No event.',
    };
    if (text === 'broken') return { accepted: 0, rejected: [], failure: dead('invalid_json', 'No JSON.') };
    if (text === 'bad') return { accepted: 0, rejected: [rejection], failure: null };
    return { accepted: 2, rejected: text === 'half' ? [rejection] : [], failure: null };
  }
}

class FewApiKeys extends Authenticator {
  async findPrincipal(apiKey: string): Promise<Principal | null> {
    if (apiKey === 'rk_collect') return { keyId: 'key_1', projectId: null, scopes: ['collect'] };
    return apiKey === 'rk_viewer' ? { keyId: 'key_2', projectId: null, scopes: ['viewer'] } : null;
  }
  async findProject() {
    return null;
  }
}

class OnePublicKey extends SdkKeys {
  async listPublished() {
    return [{ kind: 'rsa' as const, version: 2, publicKey: 'MII=' }];
  }
}

/** The shop has a remote configuration, the default project has none. */
class OneConfig extends RemoteConfigRepository {
  failure: Error | null = null;
  constructor() {
    super(null as never);
  }
  override async find(projectId: number): Promise<StoredRemoteConfig | null> {
    if (this.failure) throw this.failure;
    const configs = {
      disableSDK: true,
      disableDebugMode: false,
      autoTrackMode: 3,
      event_blacklist: ['Noise'],
      effect_mode: 1 as const,
      supportTransportEncrypt: false,
    };
    return projectId === 7 ? { configs, encryption: true, updatedAt: new Date(0) } : null;
  }
}

/** The collect routes on a real server, before a journal that only remembers. */
export class CollectServer {
  private constructor(
    readonly journal: MemoryJournal,
    readonly configs: OneConfig,
    private readonly fastify: FastifyInstance,
    private readonly base: string,
  ) {}

  static async start(): Promise<CollectServer> {
    const journal = new MemoryJournal();
    const config = Config.parse({ COLLECT_BODY_LIMIT_BYTES: String(LIMIT_BYTES) });
    const intake = new Intake(new SystemClock(), journal);
    const projects = new TwoProjects();
    const inspector = new EchoInspector();
    const handler = new CollectHandler(config, projects, inspector, intake);
    const keyed = new KeyedHandler(config, projects, new FewApiKeys(), inspector, intake);
    const fastify = Fastify();
    fastify.post('/api/v1/echo', async (request) => request.body);
    fastify.get('/t/:code', async () => 'link');
    const configs = new OneConfig();
    const remote = new RemoteConfigs(projects, configs, new OnePublicKey(), new SystemClock());
    await registerCollectRoutes(fastify, { handler, keyed, configs: remote });
    return new CollectServer(journal, configs, fastify, await fastify.listen({ host: '127.0.0.1', port: 0 }));
  }

  async send(request: { method: string; url: string; headers?: Record<string, string>; payload?: Buffer }) {
    const { method, url, headers = {}, payload } = request;
    const response = await fetch(this.base + url, {
      method,
      headers,
      ...(payload ? { body: new Uint8Array(payload) } : {}),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes, body: bytes.toString() };
  }

  stop(): Promise<void> {
    return this.fastify.close();
  }
}
