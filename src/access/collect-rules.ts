import type { ProjectId } from '../kernel/ids.js';
import { hashApiKey } from '../platform/secrets/secrets.js';
import type { CollectRules, ProjectRef } from './contract.js';
import type { CollectRuleRow } from './data/access.repository.js';

/** What collect asks of every request, ready to be looked up. */
export interface CollectRuleIndex {
  bySlug: ReadonlyMap<string, CollectRules>;
  byId: ReadonlyMap<ProjectId, CollectRules>;
  /** By the hash of a collect token. */
  byToken: ReadonlyMap<string, CollectRules>;
}

/** Makes the rules of every project out of its rows. */
export function indexCollectRules(
  projects: readonly ProjectRef[],
  tokens: readonly { projectId: ProjectId; tokenHash: string }[],
  rows: readonly (CollectRuleRow & { projectId: ProjectId })[],
): CollectRuleIndex {
  const hashesOf = new Map<ProjectId, Set<string>>();
  for (const { projectId, tokenHash } of tokens) {
    hashesOf.set(projectId, (hashesOf.get(projectId) ?? new Set()).add(tokenHash));
  }
  const rowOf = new Map(rows.map((row) => [row.projectId, row]));
  const rules = projects.map((project) =>
    toRules(project, hashesOf.get(project.id) ?? null, rowOf.get(project.id)),
  );
  const byId = new Map(rules.map((one) => [one.projectId, one]));
  const byToken = new Map<string, CollectRules>();
  for (const { projectId, tokenHash } of tokens) {
    const owner = byId.get(projectId);
    if (owner) byToken.set(tokenHash, owner);
  }
  return { bySlug: new Map(rules.map((one) => [one.slug, one])), byId, byToken };
}

function toRules(
  { id, slug }: ProjectRef,
  tokenHashes: ReadonlySet<string> | null,
  row: CollectRuleRow | undefined,
): CollectRules {
  return {
    projectId: id,
    slug,
    acceptsToken: (token) => tokenHashes === null || (token !== null && tokenHashes.has(hashApiKey(token))),
    allowedOrigins: new Set(row?.allowedOrigins ?? []),
    bodyLimitBytes: row?.bodyLimitBytes ?? null,
    timeLimits: { lateDays: row?.lateDays ?? null, futureMinutes: row?.futureMinutes ?? null },
  };
}
