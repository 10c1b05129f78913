import { Module } from '@nestjs/common';
import { FeatureModule } from '../feature/feature.module.js';
import { IdentifyModule } from '../identify/identify.module.js';
import { ChurnService } from './churn.service.js';
import { ChurnRunner } from './churn-runner.service.js';
import { ChurnScoresService } from './churn-scores.service.js';
import { ChurnUpkeepService } from './churn-upkeep.service.js';
import { ChurnScores, ChurnUpkeep } from './contract.js';
import { ChurnModelRepository } from './data/churn-model.repository.js';
import { ChurnRunRepository } from './data/churn-run.repository.js';
import { ChurnTables } from './data/churn-tables.js';
import { ModelFileRepository } from './data/model-file.repository.js';
import { ScoreStore } from './data/score-store.js';
import { ChurnModelController } from './http/churn-model.controller.js';
import { ChurnRunController } from './http/churn-run.controller.js';
import { ChurnScoreController } from './http/churn-score.controller.js';
import { ModelFileController } from './http/model-file.controller.js';
import { ScoreUploadController } from './http/score-upload.controller.js';
import { ModelFileService } from './model-file.service.js';
import { OnnxComputation } from './onnx-computation.js';
import { RunComputation } from './run-computation.js';
import { ScoreUploadService } from './score-upload.service.js';

@Module({
  imports: [FeatureModule, IdentifyModule],
  controllers: [
    ChurnModelController,
    ChurnRunController,
    ChurnScoreController,
    ModelFileController,
    ScoreUploadController,
  ],
  providers: [
    ChurnModelRepository,
    ChurnRunRepository,
    ScoreStore,
    ModelFileRepository,
    ChurnTables,
    ChurnService,
    OnnxComputation,
    RunComputation,
    ModelFileService,
    ScoreUploadService,
    ChurnRunner,
    ChurnUpkeepService,
    ChurnScoresService,
    { provide: ChurnScores, useExisting: ChurnScoresService },
    { provide: ChurnUpkeep, useExisting: ChurnUpkeepService },
  ],
  exports: [ChurnScores, ChurnUpkeep],
})
export class ChurnModule {}
