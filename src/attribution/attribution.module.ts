import { Module, type OnModuleInit } from '@nestjs/common';
import { JobHandlers } from '../platform/queue/job.js';
import { AdClickService } from './ad-click.service.js';
import { AdLinkService } from './ad-link.service.js';
import { AttributionService } from './attribution.service.js';
import { CallbackService } from './callback.service.js';
import { CallbackDelivery } from './callback-delivery.js';
import { Attribution, AttributionUpkeep } from './contract.js';
import { AdCallbackRepository } from './data/ad-callback.repository.js';
import { AdClickRepository } from './data/ad-click.repository.js';
import { AdConversionRepository } from './data/ad-conversion.repository.js';
import { AdLinkRepository } from './data/ad-link.repository.js';
import { AdSettingRepository } from './data/ad-setting.repository.js';
import { AdClickController } from './http/ad-click.controller.js';
import { AdLedgerController } from './http/ad-ledger.controller.js';
import { AdLinkController } from './http/ad-link.controller.js';
import { AdMappingController } from './http/ad-mapping.controller.js';
import { AdNetworkController } from './http/ad-network.controller.js';
import { CALLBACK_JOB } from './jobs/callback.job.js';
import { AttributionSweeps } from './upkeep.js';

@Module({
  controllers: [
    AdClickController,
    AdNetworkController,
    AdMappingController,
    AdLinkController,
    AdLedgerController,
  ],
  providers: [
    AdLinkRepository,
    AdClickRepository,
    AdConversionRepository,
    AdCallbackRepository,
    AdSettingRepository,
    AdClickService,
    AdLinkService,
    CallbackDelivery,
    CallbackService,
    AttributionService,
    AttributionSweeps,
    { provide: Attribution, useExisting: AttributionService },
    { provide: AttributionUpkeep, useExisting: AttributionSweeps },
  ],
  exports: [Attribution, AttributionUpkeep],
})
export class AttributionModule implements OnModuleInit {
  constructor(
    private readonly handlers: JobHandlers,
    private readonly callbacks: CallbackService,
  ) {}

  onModuleInit(): void {
    this.handlers.handle(CALLBACK_JOB, ({ callbackId }) => this.callbacks.send(callbackId));
  }
}
