import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { newId, type ProjectId } from '../kernel/ids.js';
import {
  Authenticator,
  type Principal,
  type RequestProject,
  type Scope,
} from '../platform/http-server/access.js';
import { hashApiKey } from '../platform/secrets/secrets.js';
import { News, Topic } from '../platform/threads/news.js';
import { type CollectRuleIndex, indexCollectRules } from './collect-rules.js';
import { type CollectRules, type ProjectRef, Projects, type TimeLimits } from './contract.js';
import { AccessRepository, type CollectRuleRow } from './data/access.repository.js';

const ACCESS_CHANGED = new Topic<null>('access');
/** How long what was read may be used again: a revoked key stops working within this time. */
const CACHE_MS = 5_000;
const NO_TIME_LIMITS: TimeLimits = { lateDays: null, futureMinutes: null };

interface ProjectSnapshot {
  bySlug: Map<string, ProjectRef>;
  byId: Map<ProjectId, ProjectRef>;
  rules: CollectRuleIndex;
}

/** Projects, API keys and collect tokens, read from memory on the hot path. */
@Injectable()
export class AccessService extends Projects implements Authenticator {
  private readonly principals = new LRUCache<string, Principal>({ max: 10_000, ttl: CACHE_MS });
  private snapshot: Promise<ProjectSnapshot> | null = null;
  private snapshotAt = 0;

  constructor(
    private readonly repository: AccessRepository,
    private readonly news: News,
  ) {
    super();
    news.on(ACCESS_CHANGED, () => this.drop());
  }

  async findPrincipal(apiKey: string): Promise<Principal | null> {
    const keyHash = hashApiKey(apiKey);
    const cached = this.principals.get(keyHash);
    if (cached) return cached;
    const row = await this.repository.findKey(keyHash);
    if (!row) return null;
    const principal: Principal = { keyId: row.id, projectId: row.projectId, scopes: row.scopes };
    this.principals.set(keyHash, principal);
    return principal;
  }

  findProject(slug: string): Promise<RequestProject | null> {
    return this.findBySlug(slug);
  }

  async findBySlug(slug: string): Promise<ProjectRef | null> {
    return (await this.read()).bySlug.get(slug) ?? null;
  }

  async get(projectId: ProjectId): Promise<ProjectRef> {
    const project = (await this.read()).byId.get(projectId);
    if (!project) throw new Error(`There is no project number ${projectId}.`);
    return project;
  }

  async list(): Promise<ProjectRef[]> {
    return [...(await this.read()).byId.values()];
  }

  async timeLimits(projectId: ProjectId): Promise<TimeLimits> {
    return (await this.read()).rules.byId.get(projectId)?.timeLimits ?? NO_TIME_LIMITS;
  }

  async collectRules(slug: string): Promise<CollectRules | null> {
    return (await this.read()).rules.bySlug.get(slug) ?? null;
  }

  async collectRulesByKey(key: string): Promise<CollectRules | null> {
    const { rules } = await this.read();
    const owner = rules.byToken.get(hashApiKey(key));
    if (owner) return owner;
    const named = rules.bySlug.get(key);
    return named?.acceptsToken(null) ? named : null;
  }

  /** Makes a key; its text is returned once and never kept. */
  async createKey(key: {
    projectId: ProjectId | null;
    name: string;
    scopes: readonly Scope[];
  }): Promise<{ id: string; apiKey: string }> {
    const apiKey = `rk_${randomBytes(24).toString('base64url')}`;
    const id = newId('apiKey');
    await this.repository.insertKey({ ...key, id, keyHash: hashApiKey(apiKey) });
    return { id, apiKey };
  }

  /**
   * Sees to it that the installation has an admin key.
   * @param configured the key that the configuration sets; it is added, and older ones stay
   * @returns the text of a key that was just made, to be shown once; else null
   */
  async ensureAdminKey(configured: string | undefined): Promise<string | null> {
    if (configured !== undefined) {
      const key = { id: newId('apiKey'), projectId: null, name: 'ADMIN_API_KEY', scopes: ['admin'] as const };
      await this.repository.insertKey({ ...key, keyHash: hashApiKey(configured) });
      return null;
    }
    if (await this.repository.hasInstallationKey()) return null;
    return (await this.createKey({ projectId: null, name: 'first admin key', scopes: ['admin'] })).apiKey;
  }

  async createCollectToken(projectId: ProjectId, name: string): Promise<string> {
    const token = randomBytes(18).toString('base64url');
    await this.repository.insertCollectToken(projectId, name, hashApiKey(token));
    this.forget();
    return token;
  }

  async setCollectRules(projectId: ProjectId, rules: CollectRuleRow): Promise<void> {
    await this.repository.saveCollectRules(projectId, rules);
    this.forget();
  }

  /** Drops what is in memory, after a change made by this process. */
  forget(): void {
    this.news.tell(ACCESS_CHANGED, null);
  }

  private drop(): void {
    this.snapshot = null;
    this.principals.clear();
  }

  private read(): Promise<ProjectSnapshot> {
    const now = Date.now();
    if (this.snapshot && now - this.snapshotAt < CACHE_MS) return this.snapshot;
    this.snapshotAt = now;
    const reading = this.load();
    this.snapshot = reading;
    // A failed read must not be remembered.
    reading.catch(() => this.drop());
    return reading;
  }

  private async load(): Promise<ProjectSnapshot> {
    const [projects, tokens, rules] = await Promise.all([
      this.repository.listProjects(),
      this.repository.collectTokens(),
      this.repository.collectRules(),
    ]);
    return {
      bySlug: new Map(projects.map((project) => [project.slug, project])),
      byId: new Map(projects.map((project) => [project.id, project])),
      rules: indexCollectRules(projects, tokens, rules),
    };
  }
}
