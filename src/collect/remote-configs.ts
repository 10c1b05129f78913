import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Projects } from '../access/contract.js';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { type SdkKey, SdkKeys } from './contract.js';
import { DEFAULT_PROJECT_SLUG } from './core/admission.js';
import { answerSdk, type RemoteConfigAnswer, type SdkDocument, toSdkDocument } from './core/remote-config.js';
import { RemoteConfigRepository } from './data/remote-config.repository.js';

/** Every start of an app asks; a change is known everywhere within this time. */
const CACHE_MS = 5_000;

interface Known {
  document: SdkDocument | null;
  keys: SdkKey[];
}

/** What SDKs are told about their project. */
@Injectable()
export class RemoteConfigs {
  private readonly known = new LRUCache<ProjectId, Promise<Known>>({ max: 10_000, ttl: CACHE_MS });
  private failureLoggedAt = 0;

  constructor(
    private readonly projects: Projects,
    private readonly repository: RemoteConfigRepository,
    private readonly sdkKeys: SdkKeys,
    private readonly clock: Clock,
  ) {}

  /** @returns 205, not ready, where the database is away: the SDK asks again */
  async answer(slug: string | null, version: string | null): Promise<RemoteConfigAnswer> {
    const known = await this.find(slug);
    return known === 'unavailable' ? { status: 205 } : answerSdk(known?.document ?? null, version);
  }

  /** @returns null where there is no such project */
  async listKeys(slug: string | null): Promise<SdkKey[] | 'unavailable' | null> {
    const known = await this.find(slug);
    return known === 'unavailable' ? known : (known?.keys ?? null);
  }

  async getDocument(projectId: ProjectId): Promise<SdkDocument | null> {
    return (await this.load(projectId)).document;
  }

  /** Drops what was read, after a change made by this process. */
  forget(projectId: ProjectId): void {
    this.known.delete(projectId);
  }

  private async find(slug: string | null): Promise<Known | 'unavailable' | null> {
    try {
      const project = await this.projects.findBySlug(slug ?? DEFAULT_PROJECT_SLUG);
      return project && (await this.read(project.id));
    } catch (error) {
      this.logFailure(error);
      return 'unavailable';
    }
  }

  private read(projectId: ProjectId): Promise<Known> {
    const known = this.known.get(projectId);
    if (known) return known;
    const reading = this.load(projectId);
    this.known.set(projectId, reading);
    // A failed read must not be remembered.
    reading.catch(() => this.forget(projectId));
    return reading;
  }

  private async load(projectId: ProjectId): Promise<Known> {
    const [config, keys] = await Promise.all([
      this.repository.find(projectId),
      this.sdkKeys.listPublished(projectId),
    ]);
    return { document: config && toSdkDocument(config, keys), keys };
  }

  /** Once a second at the most: every request fails while the database is away. */
  private logFailure(error: unknown): void {
    const now = this.clock.now();
    if (now - this.failureLoggedAt < 1_000) return;
    this.failureLoggedAt = now;
    log.error({ err: error }, 'the remote configuration could not be read');
  }
}
