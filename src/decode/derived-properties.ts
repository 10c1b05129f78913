import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { DecodedRecord } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import { log } from '../platform/log/log.js';
import { News, Topic } from '../platform/threads/news.js';
import { compileDerived, type DerivedProperty, deriveInto } from './core/enrich/derive.js';
import { DerivedPropertyRepository, type DerivedPropertyRow } from './data/derived-property.repository.js';

const DEFINITION_CHANGED = new Topic<ProjectId>('derived properties');
/** A changed definition is in force everywhere this much later. */
const CACHE_MS = 5_000;
const CACHED_PROJECTS = 10_000;

/** Compiled definitions of some projects, and those alone that have any. */
export type DerivedByProject = ReadonlyMap<ProjectId, readonly DerivedProperty[]>;

/** The properties that projects derive themselves. */
@Injectable()
export class DerivedProperties {
  private readonly cache = new LRUCache<ProjectId, readonly DerivedProperty[]>({
    max: CACHED_PROJECTS,
    ttl: CACHE_MS,
  });

  constructor(
    private readonly repository: DerivedPropertyRepository,
    private readonly news: News,
  ) {
    news.on(DEFINITION_CHANGED, (projectId) => this.cache.delete(projectId));
  }

  /** @throws where the database is away and the answer is not in memory */
  async of(projectIds: ReadonlySet<ProjectId>): Promise<DerivedByProject> {
    const found = new Map<ProjectId, readonly DerivedProperty[]>();
    const unknown: ProjectId[] = [];
    for (const projectId of projectIds) {
      const cached = this.cache.get(projectId);
      if (!cached) unknown.push(projectId);
      else if (cached.length > 0) found.set(projectId, cached);
    }
    if (unknown.length === 0) return found;
    const rows = await this.repository.list(unknown);
    for (const projectId of unknown) {
      const compiled = this.compile(rows.filter((row) => row.projectId === projectId));
      this.cache.set(projectId, compiled);
      if (compiled.length > 0) found.set(projectId, compiled);
    }
    return found;
  }

  /** Changes the record in place. @returns how many definitions failed on it */
  derive(record: DecodedRecord, derived: DerivedByProject): number {
    const own = derived.get(record.projectId);
    return own ? deriveInto(record, own) : 0;
  }

  /** A definition changed: this process uses it at once. */
  forget(projectId: ProjectId): void {
    this.news.tell(DEFINITION_CHANGED, projectId);
  }

  /** A definition that cannot be used is left out and told in the log: the others go on. */
  private compile(rows: readonly DerivedPropertyRow[]): DerivedProperty[] {
    return rows.flatMap((row) => {
      try {
        return [compileDerived({ ...row, steps: this.repository.unseal(row.steps) })];
      } catch (error) {
        log.error({ err: error, derivedProperty: row.id }, 'a derived property cannot be used');
        return [];
      }
    });
  }
}
