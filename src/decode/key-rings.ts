import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ProjectId } from '../kernel/ids.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { News, Topic } from '../platform/threads/news.js';
import { type ContentKey, EMPTY_KEY_RING, type KeyRing } from './core/encryption/key-ring.js';
import { type OpenedKey, openKey, randomContentKey } from './core/encryption/open-key.js';
import { EncryptionKeyRepository, type SealedKey } from './data/encryption-key.repository.js';

/** What `Secrets` seals these keys for. */
export const KEY_PURPOSE = 'encryption-key';
const KEYS_CHANGED = new Topic<null>('encryption keys');
/** How long what was read may be used again: a new key is known everywhere within this time. */
const CACHE_MS = 5_000;

/** The keys of projects, read from memory. */
@Injectable()
export class KeyRings {
  private readonly rings = new LRUCache<ProjectId, KeyRing>({ max: 10_000, ttl: CACHE_MS });
  private readonly opened = new LRUCache<string, OpenedKey>({ max: 1_000 });
  /** A device wraps its key once and sends it with every request until it is started again. */
  private readonly unwrapped = new LRUCache<string, ContentKey>({ max: 20_000 });

  constructor(
    private readonly repository: EncryptionKeyRepository,
    private readonly secrets: Secrets,
    private readonly news: News,
  ) {
    news.on(KEYS_CHANGED, () => this.rings.clear());
  }

  /** @throws where the database is away */
  async load(projectIds: ReadonlySet<ProjectId>): Promise<ReadonlyMap<ProjectId, KeyRing>> {
    const rings = new Map<ProjectId, KeyRing>();
    const missing: ProjectId[] = [];
    for (const projectId of projectIds) {
      const ring = this.rings.get(projectId);
      if (ring) rings.set(projectId, ring);
      else missing.push(projectId);
    }
    if (missing.length === 0) return rings;
    const sealed = await this.repository.listSealed(missing);
    for (const projectId of missing) {
      const ring = this.toRing(sealed.filter((key) => key.projectId === projectId));
      this.rings.set(projectId, ring);
      rings.set(projectId, ring);
    }
    return rings;
  }

  /** Drops what was read, after a change made by this process. */
  forget(): void {
    this.news.tell(KEYS_CHANGED, null);
  }

  private toRing(keys: readonly SealedKey[]): KeyRing {
    if (keys.length === 0) return EMPTY_KEY_RING;
    return {
      unwrap: (version, ekey) => {
        const candidates = keys.filter((key) => key.kind !== 'aes' && key.version === version);
        return candidates.length > 0 ? this.unwrap(candidates, ekey) : null;
      },
      findShared: (version) => {
        const sealed = keys.find((key) => key.kind === 'aes' && key.version === version);
        const key = sealed && this.open(sealed);
        return key?.kind === 'shared' ? key.key : null;
      },
    };
  }

  /** Keeps what could not be unwrapped too: the time of a second try must not tell that it failed. */
  private unwrap(candidates: readonly SealedKey[], ekey: Buffer): ContentKey {
    const cacheKey = `${candidates.map(({ id }) => id).join()} ${hash('sha256', ekey, 'base64')}`;
    const known = this.unwrapped.get(cacheKey);
    if (known) return known;
    const key = this.tryEach(candidates, ekey) ?? randomContentKey();
    this.unwrapped.set(cacheKey, key);
    return key;
  }

  /** Kinds may share a version, and the length of the text tells them apart. */
  private tryEach(candidates: readonly SealedKey[], ekey: Buffer): ContentKey | null {
    for (const sealed of candidates) {
      const key = this.open(sealed);
      const contentKey = key.kind === 'pair' ? key.unwrap(ekey) : null;
      if (contentKey) return contentKey;
    }
    return null;
  }

  private open(sealed: SealedKey): OpenedKey {
    const known = this.opened.get(sealed.id);
    if (known) return known;
    const material = Buffer.from(this.secrets.decrypt(KEY_PURPOSE, sealed.secret), 'base64');
    const key = openKey(sealed.kind, material);
    this.opened.set(sealed.id, key);
    return key;
  }
}
