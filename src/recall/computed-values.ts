import { Injectable } from '@nestjs/common';
import { ChurnScores } from '../churn/contract.js';
import { FeatureSets } from '../feature/contract.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import { Clock } from '../platform/clock/clock.js';
import type { ComputedNames } from './core/computed-names.js';

/** What was computed of each user: `{ features: { <set>: {…} }, scores: { <model>: {…} } }`. */
export type ComputedOfUsers = Map<UserId, { features: JsonObject; scores: JsonObject }>;

/** Reads feature values and scores for a whole batch of messages. */
@Injectable()
export class ComputedValues {
  constructor(
    private readonly clock: Clock,
    private readonly features: FeatureSets,
    private readonly scores: ChurnScores,
  ) {}

  /** Those of the latest snapshot of each set, and of the latest run of each model; who is in neither has none. */
  async read(
    projectId: ProjectId,
    names: ComputedNames,
    userIds: readonly UserId[],
  ): Promise<ComputedOfUsers> {
    const found: ComputedOfUsers = new Map(userIds.map((userId) => [userId, { features: {}, scores: {} }]));
    if (userIds.length === 0) return found;
    for (const name of names.sets) await this.readFeatures(projectId, name, found);
    for (const name of names.models) await this.readScores(projectId, name, found);
    return found;
  }

  private async readFeatures(projectId: ProjectId, name: string, found: ComputedOfUsers): Promise<void> {
    const set = await this.features.findSet(projectId, name);
    const snapshot = set && (await this.features.latestSnapshot(projectId, set.setId));
    if (!snapshot) return;
    for (const [userId, values] of await this.features.valuesOf(snapshot, [...found.keys()])) {
      const ofUser = found.get(userId);
      if (ofUser)
        ofUser.features[name] = Object.fromEntries(
          snapshot.features.map((feature, index) => [feature, values[index] ?? null]),
        );
    }
  }

  private async readScores(projectId: ProjectId, name: string, found: ComputedOfUsers): Promise<void> {
    const model = await this.scores.findModel(projectId, name);
    const run = model && (await this.scores.runAsOf(projectId, model.modelId, this.clock.now()));
    if (!run) return;
    for (const [userId, { score, decile, details }] of await this.scores.scoresOf(run, [...found.keys()])) {
      const ofUser = found.get(userId);
      if (ofUser) ofUser.scores[name] = { ...details, score, decile };
    }
  }
}
