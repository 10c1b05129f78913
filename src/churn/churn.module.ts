import { Module } from '@nestjs/common';
import { ChurnService } from './churn.service.js';
import { ChurnRunner } from './churn-runner.service.js';
import { ChurnUpkeepService } from './churn-upkeep.service.js';
import { ChurnUpkeep } from './contract.js';
import { ChurnModelRepository } from './data/churn-model.repository.js';
import { ChurnRunRepository } from './data/churn-run.repository.js';
import { ChurnTables } from './data/churn-tables.js';
import { ScoreStore } from './data/score-store.js';
import { ChurnModelController } from './http/churn-model.controller.js';
import { ChurnRunController } from './http/churn-run.controller.js';
import { ChurnScoreController } from './http/churn-score.controller.js';
import { RunComputation } from './run-computation.js';

@Module({
  controllers: [ChurnModelController, ChurnRunController, ChurnScoreController],
  providers: [
    ChurnModelRepository,
    ChurnRunRepository,
    ScoreStore,
    ChurnTables,
    ChurnService,
    RunComputation,
    ChurnRunner,
    ChurnUpkeepService,
    { provide: ChurnUpkeep, useExisting: ChurnUpkeepService },
  ],
  exports: [ChurnUpkeep],
})
export class ChurnModule {}
