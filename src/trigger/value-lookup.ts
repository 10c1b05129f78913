import { Injectable } from '@nestjs/common';
import { ChurnScores } from '../churn/contract.js';
import { FeatureSets } from '../feature/contract.js';
import type { TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { matchesFilters } from '../kernel/property-filter.js';
import { findFilterFault, type NamedSource, type ValueFilter } from '../kernel/value-filter.js';
import { PROBLEMS, Problem } from '../platform/http-server/problem.js';
import type { TriggerRule } from './core/rule.js';
import type { RuleIndex } from './core/rule-index.js';
import { type UserValue, UserValues } from './core/user-values.js';

/** What a batch asks of one feature set or churn model. */
interface Wanted {
  projectId: ProjectId;
  filter: ValueFilter;
  users: Set<UserId>;
}

/** Reads the feature values and scores that rules ask for, once for a whole batch of events. */
@Injectable()
export class ValueLookup {
  constructor(
    private readonly features: FeatureSets,
    private readonly scores: ChurnScores,
  ) {}

  async read(index: RuleIndex, records: readonly TrackedRecord[], nowMs: number): Promise<UserValues> {
    const values = new UserValues(nowMs);
    for (const wanted of wantedBy(index, records).values()) {
      if ('feature' in wanted.filter) await this.readFeatures(wanted, wanted.filter.feature.set, values);
      else await this.readScores(wanted, wanted.filter.score.model, values);
    }
    return values;
  }

  /** @throws where a rule names a set, feature or model that is not there, or is archived */
  async check(projectId: ProjectId, rule: TriggerRule): Promise<void> {
    for (const [index, filter] of (rule.on.values ?? []).entries()) {
      const fault = findFilterFault(filter, await this.findSource(projectId, filter));
      if (!fault) continue;
      const { at, code, detail } = fault;
      throw new Problem(PROBLEMS.invalidRequest, detail, [
        { pointer: `/rule/on/values/${index}${at}`, code, detail },
      ]);
    }
  }

  private async findSource(projectId: ProjectId, filter: ValueFilter): Promise<NamedSource | null> {
    if ('feature' in filter) {
      const set = await this.features.findSet(projectId, filter.feature.set);
      return set && { ...set, offers: set.features };
    }
    const model = await this.scores.findModel(projectId, filter.score.model);
    return model && { ...model, offers: model.details };
  }

  private async readFeatures(wanted: Wanted, setId: string, values: UserValues): Promise<void> {
    const snapshot = await this.features.snapshotAsOf(wanted.projectId, setId, values.nowMs);
    if (!snapshot) return;
    const found = await this.features.valuesOf(snapshot, [...wanted.users]);
    for (const [userId, row] of found) {
      const named = snapshot.features.map((name, place): UserValue => [name, row[place] ?? null]);
      values.add({ owner: setId, userId, asOf: snapshot.cutoff }, named);
    }
  }

  private async readScores(wanted: Wanted, modelId: string, values: UserValues): Promise<void> {
    const run = await this.scores.runAsOf(wanted.projectId, modelId, values.nowMs);
    if (!run) return;
    for (const [userId, { score, decile, details }] of await this.scores.scoresOf(run, [...wanted.users])) {
      values.add({ owner: modelId, userId, asOf: run.asOf }, Object.entries({ ...details, score, decile }));
    }
  }
}

function wantedBy(index: RuleIndex, records: readonly TrackedRecord[]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const record of records) {
    for (const { rule } of index.lookUp(record).on) {
      if (!rule.on.values || !matchesFilters(rule.on.where, record.properties)) continue;
      for (const filter of rule.on.values) {
        const { projectId } = record;
        const key = `${projectId} ${'feature' in filter ? filter.feature.set : filter.score.model}`;
        const entry = wanted.get(key) ?? { projectId, filter, users: new Set() };
        wanted.set(key, entry);
        entry.users.add(record.userId);
      }
    }
  }
  return wanted;
}
