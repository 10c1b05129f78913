import { Injectable } from '@nestjs/common';
import { ChurnModelRepository } from './churn-model.repository.js';
import { ChurnRunRepository } from './churn-run.repository.js';
import { ModelFileRepository } from './model-file.repository.js';
import { ScoreStore } from './score-store.js';

/** Everything the stage stores. */
@Injectable()
export class ChurnTables {
  constructor(
    readonly models: ChurnModelRepository,
    readonly runs: ChurnRunRepository,
    readonly scores: ScoreStore,
    readonly files: ModelFileRepository,
  ) {}
}
