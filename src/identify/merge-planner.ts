import { Injectable } from '@nestjs/common';
import { NO_USER, type ProjectId, type UserId } from '../kernel/ids.js';
import type { MergeMembers } from '../kernel/merge-members.js';
import type { Sql } from '../platform/db/database.js';
import type { MergePreview, MergeRefusal } from './contract.js';
import { type IdentityRef, identityId, toIdentityRef } from './core/identities-of-record.js';
import { IdentityGraph } from './core/identity-graph.js';
import type { RuleBook } from './core/identity-rules.js';
import type { MergePlan } from './core/merge-identity.js';
import { PersonRepository } from './data/person.repository.js';

/** What joining some users and identities means, ready to be shown or to be done. */
export interface PlannedMerge {
  graph: IdentityGraph;
  plan: MergePlan;
  refs: readonly IdentityRef[];
  preview: MergePreview;
}

/** Plans a merge that an admin asks for, by the rules that hold for records, except that it may repeat an undone one. */
@Injectable()
export class MergePlanner {
  constructor(private readonly persons: PersonRepository) {}

  async plan(projectId: ProjectId, members: MergeMembers, rules: RuleBook, sql?: Sql): Promise<PlannedMerge> {
    const keys = [...rules.uniqueKeys];
    const refs = members.identities.map(({ key, value }) => toIdentityRef(projectId, key, value, rules));
    const found = await this.persons.findPersons(projectId, members.userIds, keys, sql);
    const owned = await this.persons.findOwners(refs, keys, sql);
    const graph = new IdentityGraph(() => NO_USER);
    for (const ref of refs) graph.learn(ref.id, { owner: null, apart: rules.whyApart(ref, 0) });
    for (const { key, value, userId, claims } of owned) {
      const apart = rules.whyApart({ key, value }, claims);
      graph.learn(identityId(projectId, key, value), { owner: userId, apart });
    }
    for (const { userId, facts } of [...found, ...owned]) {
      graph.learnPerson(userId, { ...facts, splitFrom: new Set() });
    }
    const current = new Map(found.map(({ askedId, userId }) => [askedId, userId]));
    const named = members.userIds.flatMap((userId) => current.get(userId) ?? []);
    const plan = graph.plan(refs, true, rules, [...new Set(named)]);
    const unknown = members.userIds.filter((userId) => !current.has(userId));
    return { graph, plan, refs, preview: toPreview(plan, refs, unknown) };
  }
}

function toPreview(plan: MergePlan, refs: readonly IdentityRef[], unknown: readonly UserId[]): MergePreview {
  const identityOf = (id: string) => {
    const ref = refs.find((candidate) => candidate.id === id);
    return ref ? { key: ref.key, value: ref.value } : null;
  };
  const refusals: MergeRefusal[] = [
    ...unknown.map((userId) => ({ reason: 'unknown_user' as const, identity: null, userId })),
    ...plan.refused.map(({ id, owner, reason }) => ({ reason, identity: identityOf(id), userId: owner })),
  ];
  const changesNothing = plan.person === null || plan.absorb.length + plan.assign.length === 0;
  if (refusals.length === 0 && changesNothing) {
    refusals.push({ reason: 'nothing_to_join', identity: null, userId: plan.person });
  }
  return {
    into: plan.person,
    from: plan.absorb,
    assigned: plan.assign.flatMap((id) => identityOf(id) ?? []),
    refusals,
  };
}
