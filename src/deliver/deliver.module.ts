import { Module } from '@nestjs/common';
import { MessageAnnouncer } from './announce-messages.js';
import { BlocklistService } from './blocklist.service.js';
import { ChannelCatalogue } from './channel-catalogue.js';
import { ChannelSender } from './channel-sender.js';
import { ChannelSettings } from './channel-settings.js';
import { Channels, DeliverUpkeep, Ledger, WebhookCalls } from './contract.js';
import { BlocklistRepository } from './data/blocklist.repository.js';
import { ChannelSettingRepository } from './data/channel-setting.repository.js';
import { LedgerRows } from './data/ledger-rows.js';
import { MessageRepository } from './data/message.repository.js';
import { MessageQueryRepository } from './data/message-query.repository.js';
import { MessageUpkeepRepository } from './data/message-upkeep.repository.js';
import { SinkRepository } from './data/sink.repository.js';
import { WebhookCallRepository } from './data/webhook-call.repository.js';
import { DeliverSweeps } from './deliver-upkeep.js';
import { BlocklistController } from './http/blocklist.controller.js';
import { ChannelController } from './http/channel.controller.js';
import { MessageController } from './http/message.controller.js';
import { SinkController } from './http/sink.controller.js';
import { WebhookController } from './http/webhook.controller.js';
import { DeliverJobs } from './jobs/deliver-jobs.js';
import { LedgerService } from './ledger.service.js';
import { MessageJobs } from './message-jobs.js';
import { MessageSweep } from './message-sweep.js';
import { MessageReservations } from './reserve-messages.js';
import { MessageSender } from './send-messages.js';
import { MessageSettlements } from './settle-messages.js';
import { DevelopmentSink } from './sink/development-sink.js';
import { WebhookCaller } from './webhook-caller.js';
import { WebhookCallService } from './webhook-calls.js';
import { WebhookSweep } from './webhook-sweep.js';

const REPOSITORIES = [
  BlocklistRepository,
  ChannelSettingRepository,
  MessageQueryRepository,
  MessageRepository,
  MessageUpkeepRepository,
  SinkRepository,
  WebhookCallRepository,
];

@Module({
  controllers: [BlocklistController, ChannelController, MessageController, SinkController, WebhookController],
  providers: [
    ...REPOSITORIES,
    BlocklistService,
    ChannelCatalogue,
    ChannelSender,
    ChannelSettings,
    DeliverJobs,
    DeliverSweeps,
    DevelopmentSink,
    LedgerRows,
    LedgerService,
    MessageAnnouncer,
    MessageJobs,
    MessageReservations,
    MessageSender,
    MessageSettlements,
    MessageSweep,
    WebhookCaller,
    WebhookCallService,
    WebhookSweep,
    { provide: Channels, useExisting: ChannelCatalogue },
    { provide: DeliverUpkeep, useExisting: DeliverSweeps },
    { provide: Ledger, useExisting: LedgerService },
    { provide: WebhookCalls, useExisting: WebhookCallService },
  ],
  exports: [Channels, DeliverUpkeep, Ledger, WebhookCalls],
})
export class DeliverModule {}
