import { Injectable } from '@nestjs/common';
import { ChurnScores } from '../churn/contract.js';
import { FeatureSets } from '../feature/contract.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { SqlParams } from '../kernel/sql-params.js';
import { findFilterFault, type NamedSource } from '../kernel/value-filter.js';
import { ClickHouse } from '../platform/clickhouse/clickhouse.js';
import { invalidField, type Problem } from '../platform/http-server/problem.js';
import type { SegmentDefinition } from './core/condition.js';
import { ReferenceRefusal } from './core/inline-segments.js';
import {
  hasValues,
  type UserValues,
  type ValueCondition,
  type ValueSource,
  valueKey,
  valuesSql,
} from './core/value-condition.js';
import { judgeSource, putInSources, type ValueFault, valuesAsked } from './core/value-sources.js';

/** Finds the feature values and scores that definitions ask for. */
@Injectable()
export class SegmentValues {
  constructor(
    private readonly features: FeatureSets,
    private readonly scores: ChurnScores,
    private readonly clickhouse: ClickHouse,
  ) {}

  /**
   * A definition whose references were put in, with every condition on a value told where its values are.
   * @param asOf ms since 1970: the latest snapshot or run up to then
   * @throws ReferenceRefusal where values are older than their condition allows
   */
  async putIn(projectId: ProjectId, definition: SegmentDefinition, asOf: number): Promise<SegmentDefinition> {
    const { where, refusal } = await this.resolve(projectId, definition, asOf);
    if (refusal) throw new ReferenceRefusal(refusal.pointer, 'stale_values', refusal.detail);
    return { ...definition, where };
  }

  /** What is to be said of the values that a definition itself asks for, as of a moment. */
  async warn(projectId: ProjectId, definition: SegmentDefinition, asOf: number): Promise<ValueFault[]> {
    const { faults } = await this.resolve(projectId, definition, asOf);
    return faults.map((fault) => ({ ...fault, pointer: `/definition/where${fault.pointer}` }));
  }

  /** @throws where a definition itself names a set, feature or model that is not there, or is archived */
  async check(projectId: ProjectId, definition: SegmentDefinition): Promise<void> {
    for (const { leaf, pointer } of valuesAsked(definition.where)) {
      const problem = await this.findProblem(projectId, leaf, `/definition/where${pointer}`);
      if (problem) throw problem;
    }
  }

  /** The values of a user that a definition asks for, once their sources were put in. */
  async valuesOf(definition: SegmentDefinition, userId: UserId): Promise<UserValues> {
    const asked = new Map(
      valuesAsked(definition.where)
        .filter(({ leaf }) => hasValues(leaf))
        .map(({ leaf }) => [valueKey(leaf), leaf]),
    );
    const values = new Map<string, number | null>();
    for (const [key, leaf] of asked) {
      const params = new SqlParams('value_');
      const sql = valuesSql(leaf, params);
      const [row] = await this.clickhouse.query<{ value: number | null }>(
        `SELECT value FROM (${sql}) WHERE person = ${params.bind(userId, 'UInt64')}`,
        params.values,
      );
      if (row) values.set(key, row.value);
    }
    return values;
  }

  private async resolve(projectId: ProjectId, { where }: SegmentDefinition, asOf: number) {
    const asked = valuesAsked(where);
    if (asked.length === 0) return { where, faults: [], refusal: undefined };
    const sources = new Map<ValueCondition, ValueSource | null>();
    const faults: ValueFault[] = [];
    for (const each of asked) {
      const source = sources.get(each.leaf) ?? (await this.findSource(projectId, each.leaf, asOf));
      sources.set(each.leaf, source);
      const fault = judgeSource(each, source, asOf);
      if (fault) faults.push(fault);
    }
    return {
      where: putInSources(where, sources),
      faults,
      refusal: faults.find(({ isRefusal }) => isRefusal),
    };
  }

  private async findSource(
    projectId: ProjectId,
    leaf: ValueCondition,
    asOf: number,
  ): Promise<ValueSource | null> {
    if ('feature' in leaf) {
      const snapshot = await this.features.snapshotAsOf(projectId, leaf.feature.set, asOf);
      if (!snapshot) return null;
      const place = snapshot.features.indexOf(leaf.feature.name) + 1;
      return { id: snapshot.snapshotId, attempt: snapshot.attempt, asOf: snapshot.cutoff, place };
    }
    const run = await this.scores.runAsOf(projectId, leaf.score.model, asOf);
    return run && { id: run.runId, attempt: run.attempt, asOf: run.asOf, place: 0 };
  }

  private async findProblem(
    projectId: ProjectId,
    leaf: ValueCondition,
    pointer: string,
  ): Promise<Problem | null> {
    const fault = findFilterFault(leaf, await this.findNamed(projectId, leaf));
    return fault && invalidField(`${pointer}${fault.at}`, fault.code, fault.detail);
  }

  private async findNamed(projectId: ProjectId, leaf: ValueCondition): Promise<NamedSource | null> {
    if ('feature' in leaf) {
      const set = await this.features.findSet(projectId, leaf.feature.set);
      return set && { ...set, offers: set.features };
    }
    const model = await this.scores.findModel(projectId, leaf.score.model);
    return model && { ...model, offers: model.details };
  }
}
