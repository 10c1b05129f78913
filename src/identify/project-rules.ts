import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { DecodedRecord } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import { ownLoginKey } from './core/identities-of-record.js';
import { DEFAULT_RULES, type IdentityRules, RuleBook } from './core/identity-rules.js';
import { IdentityProjectRepository, type IdentityProjectRow } from './data/identity-project.repository.js';

/** So old may rules be by which records are judged. */
const READ_AGAIN_MS = 500;

/** The rules of a project as people set them, and what its SDKs taught. */
export interface ShownRules {
  rules: IdentityRules;
  loginKeys: readonly string[];
}

interface KnownRules {
  book: RuleBook;
  revision: number;
}

/** The rules of the projects of a batch, read again twice a second. */
@Injectable()
export class ProjectRules {
  private readonly known = new LRUCache<ProjectId, KnownRules>({ max: 10_000 });
  private readonly fresh = new LRUCache<ProjectId, true>({ max: 10_000, ttl: READ_AGAIN_MS });

  constructor(private readonly repository: IdentityProjectRepository) {}

  /** @param forget called where the rules have changed, and with them what was made of identities */
  async ofBatch(
    records: readonly DecodedRecord[],
    forget: () => void,
  ): Promise<ReadonlyMap<ProjectId, RuleBook>> {
    const books = await this.read(new Set(records.map(({ projectId }) => projectId)), forget);
    const taught = findNewLoginKeys(records, books);
    if (taught.size === 0) return books;
    for (const [projectId, keys] of taught) {
      await this.repository.addLoginKeys(projectId, [...keys]);
      this.fresh.delete(projectId);
    }
    return this.read(books.keys(), forget);
  }

  async show(projectId: ProjectId): Promise<ShownRules> {
    const [row] = await this.repository.find([projectId]);
    return { rules: row?.rules ?? DEFAULT_RULES, loginKeys: row?.loginKeys ?? [] };
  }

  async bookOf(projectId: ProjectId): Promise<RuleBook> {
    const { rules, loginKeys } = await this.show(projectId);
    return new RuleBook(rules, loginKeys);
  }

  save(projectId: ProjectId, rules: IdentityRules): Promise<void> {
    return this.repository.saveRules(projectId, rules);
  }

  private async read(projectIds: Iterable<ProjectId>, forget: () => void): Promise<Map<ProjectId, RuleBook>> {
    const books = new Map<ProjectId, RuleBook>();
    const unread: ProjectId[] = [];
    for (const projectId of projectIds) {
      const known = this.fresh.has(projectId) ? this.known.get(projectId) : undefined;
      if (known) books.set(projectId, known.book);
      else unread.push(projectId);
    }
    if (unread.length === 0) return books;
    const rows = new Map((await this.repository.find(unread)).map((row) => [row.projectId, row]));
    for (const projectId of unread) books.set(projectId, this.take(projectId, rows.get(projectId), forget));
    return books;
  }

  private take(projectId: ProjectId, row: IdentityProjectRow | undefined, forget: () => void): RuleBook {
    this.fresh.set(projectId, true);
    const revision = row?.revision ?? 0;
    const known = this.known.get(projectId);
    if (known?.revision === revision) return known.book;
    if (known) forget();
    const book = new RuleBook(row?.rules ?? DEFAULT_RULES, row?.loginKeys ?? []);
    this.known.set(projectId, { book, revision });
    return book;
  }
}

function findNewLoginKeys(
  records: readonly DecodedRecord[],
  books: ReadonlyMap<ProjectId, RuleBook>,
): Map<ProjectId, Set<string>> {
  const taught = new Map<ProjectId, Set<string>>();
  for (const record of records) {
    const key = ownLoginKey(record);
    if (key === null || books.get(record.projectId)?.isUnique(key)) continue;
    taught.set(record.projectId, (taught.get(record.projectId) ?? new Set()).add(key));
  }
  return taught;
}
