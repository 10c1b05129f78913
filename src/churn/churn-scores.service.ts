import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { type ChurnModelRef, ChurnScores, type ScoreOfUser, type ScoreRunRef } from './contract.js';
import { ChurnTables } from './data/churn-tables.js';
import { DETAILS } from './data/score-store.js';

/** Scores of finished runs, for the stages that use them. */
@Injectable()
export class ChurnScoresService extends ChurnScores {
  constructor(private readonly tables: ChurnTables) {
    super();
  }

  async findModel(projectId: ProjectId, idOrName: string): Promise<ChurnModelRef | null> {
    const model =
      (await this.tables.models.find(projectId, idOrName)) ??
      (await this.tables.models.findByName(projectId, idOrName));
    return (
      model && {
        modelId: model.id,
        name: model.name,
        isArchived: model.state === 'archived',
        details: DETAILS[model.definition.kind],
      }
    );
  }

  async runAsOf(projectId: ProjectId, modelId: string, asOf: number): Promise<ScoreRunRef | null> {
    const run = await this.tables.runs.findLatestDone(modelId, { untilMs: asOf });
    if (run?.projectId !== projectId) return null;
    return { runId: run.id, modelId, attempt: run.attempts, asOf: run.asOf.getTime() };
  }

  scoresOf(run: ScoreRunRef, userIds: readonly UserId[]): Promise<Map<UserId, ScoreOfUser>> {
    return this.tables.scores.ofUsers(run, userIds);
  }
}
