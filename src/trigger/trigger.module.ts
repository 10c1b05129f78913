import { Module } from '@nestjs/common';
import { ChurnModule } from '../churn/churn.module.js';
import { FeatureModule } from '../feature/feature.module.js';
import { Triggers, TriggerUpkeep } from './contract.js';
import { DecisionRepository } from './data/decision.repository.js';
import { MergeRepository } from './data/merge.repository.js';
import { TimerRepository } from './data/timer.repository.js';
import { TriggerRepository } from './data/trigger.repository.js';
import { TriggerTables } from './data/trigger-tables.js';
import { TriggerController } from './http/trigger.controller.js';
import { TriggerTraceController } from './http/trigger-trace.controller.js';
import { RuleCache } from './rule-cache.js';
import { TimerService } from './timer.service.js';
import { TriggerService } from './trigger.service.js';
import { TriggerUpkeepService } from './trigger-upkeep.service.js';
import { ValueLookup } from './value-lookup.js';

@Module({
  imports: [ChurnModule, FeatureModule],
  controllers: [TriggerController, TriggerTraceController],
  providers: [
    TriggerRepository,
    DecisionRepository,
    TimerRepository,
    TriggerTables,
    MergeRepository,
    RuleCache,
    TimerService,
    ValueLookup,
    TriggerService,
    TriggerUpkeepService,
    { provide: Triggers, useExisting: TriggerService },
    { provide: TriggerUpkeep, useExisting: TriggerUpkeepService },
  ],
  exports: [Triggers, TriggerUpkeep],
})
export class TriggerModule {}
