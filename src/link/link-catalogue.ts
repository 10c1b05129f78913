import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import type { Sql } from '../platform/db/database.js';
import { hashTarget } from './core/hash-target.js';
import { newLinkCode } from './core/link-code.js';
import { type LinkChange, LinkRepository, type LinkRow, type NewLink } from './data/link.repository.js';

/** A public link that somebody wants; its target and slug have been checked. */
export interface LinkDraft {
  targetUrl: string;
  /** Null for a random code. */
  slug: { slug: string; key: string } | null;
  title: string;
  expiresAt: number | null;
  maxClicks: number | null;
  /** Take the newest open link to the same target where there is one. */
  idempotentByUrl: boolean;
}

export interface CreatedLink {
  link: LinkRow;
  isNew: boolean;
}

export type CreateResult =
  | { kind: 'created'; links: CreatedLink[] }
  /** Nothing was written; `positions` of the drafts whose slugs exist already. */
  | { kind: 'slug_taken'; positions: number[] };

/** Thrown inside the transaction so that it is rolled back. */
class SlugTaken extends Error {
  constructor(readonly positions: number[]) {
    super('slug taken');
  }
}

const CODE_ROUNDS = 5;

/** The public links of a project. */
@Injectable()
export class LinkCatalogue {
  constructor(
    private readonly repository: LinkRepository,
    private readonly clock: Clock,
  ) {}

  /** Writes all of the links or none. */
  async create(projectId: ProjectId, drafts: readonly LinkDraft[]): Promise<CreateResult> {
    const work = (tx: Sql) => this.createWithin(tx, projectId, drafts);
    try {
      const links = drafts.some(({ idempotentByUrl }) => idempotentByUrl)
        ? await this.repository.createAlone(projectId, work)
        : await this.repository.create(work);
      return { kind: 'created', links };
    } catch (error) {
      if (error instanceof SlugTaken) return { kind: 'slug_taken', positions: error.positions };
      throw error;
    }
  }

  /** @returns null where there is no such link */
  async update(projectId: ProjectId, id: string, change: Partial<LinkChange>): Promise<LinkRow | null> {
    const link = await this.repository.find(projectId, id);
    if (!link) return null;
    const targetUrl = change.targetUrl ?? link.targetUrl;
    return this.repository.update(projectId, id, {
      isDisabled: change.isDisabled ?? link.isDisabled,
      expiresAt: change.expiresAt === undefined ? link.expiresAt : change.expiresAt,
      maxClicks: change.maxClicks === undefined ? link.maxClicks : change.maxClicks,
      title: change.title ?? link.title,
      targetUrl,
      targetHash: hashTarget(targetUrl),
    });
  }

  private async createWithin(
    tx: Sql,
    projectId: ProjectId,
    drafts: readonly LinkDraft[],
  ): Promise<CreatedLink[]> {
    const reusable = drafts.filter(({ idempotentByUrl }) => idempotentByUrl);
    const known = await this.findReusable(tx, projectId, reusable);
    const idByTarget = new Map([...known].map(([hash, { id }]) => [hash, id]));
    const slots = drafts.map((draft) => {
      const hash = hashTarget(draft.targetUrl);
      const reused = draft.idempotentByUrl ? idByTarget.get(hash) : undefined;
      if (reused !== undefined) return { id: reused, row: null };
      const row = this.toNewLink(draft, hash);
      if (draft.idempotentByUrl) idByTarget.set(hash, row.id);
      return { id: row.id, row };
    });
    const rows = slots.map(({ row }) => row);
    const written = await this.write(tx, projectId, rows);
    for (const link of known.values()) written.set(link.id, link);
    return slots.map(({ id, row }) => {
      const link = written.get(id);
      if (!link) throw new Error(`The link ${id} was not written.`);
      return { link, isNew: row !== null };
    });
  }

  private findReusable(
    tx: Sql,
    projectId: ProjectId,
    drafts: readonly LinkDraft[],
  ): Promise<Map<string, LinkRow>> {
    if (drafts.length === 0) return Promise.resolve(new Map());
    const hashes = drafts.map(({ targetUrl }) => hashTarget(targetUrl));
    return this.repository.findOpenByTarget(tx, projectId, hashes, this.clock.now());
  }

  private async write(
    tx: Sql,
    projectId: ProjectId,
    rows: readonly (NewLink | null)[],
  ): Promise<Map<string, LinkRow>> {
    const written = new Map<string, LinkRow>();
    let missing = rows.filter((row) => row !== null);
    for (let round = 0; missing.length > 0; round++) {
      if (round === CODE_ROUNDS) throw new Error(`No free code for ${missing.length} links.`);
      for (const link of await this.repository.insert(tx, projectId, missing, this.clock.now())) {
        written.set(link.id, link);
      }
      missing = missing.filter(({ id }) => !written.has(id));
      const taken = new Set(missing.filter(({ isCustom }) => isCustom).map(({ id }) => id));
      if (taken.size > 0)
        throw new SlugTaken(rows.flatMap((row, i) => (row && taken.has(row.id) ? [i] : [])));
      missing = missing.map((row) => ({ ...row, ...randomCode() }));
    }
    return written;
  }

  private toNewLink(draft: LinkDraft, targetHash: string): NewLink {
    const code = draft.slug
      ? { code: draft.slug.slug, lookupKey: draft.slug.key, isCustom: true }
      : { ...randomCode(), isCustom: false };
    return {
      id: newId('link', this.clock.now()),
      ...code,
      targetUrl: draft.targetUrl,
      targetHash,
      title: draft.title,
      expiresAt: draft.expiresAt,
      maxClicks: draft.maxClicks,
    };
  }
}

function randomCode(): { code: string; lookupKey: string } {
  const code = newLinkCode('public');
  return { code, lookupKey: code };
}
