import { Injectable, type OnModuleInit } from '@nestjs/common';
import { JobHandlers } from '../../platform/queue/job.js';
import { MessageAnnouncer } from '../announce-messages.js';
import { MessageSender } from '../send-messages.js';
import { WebhookCaller } from '../webhook-caller.js';
import { ANNOUNCE_MESSAGES } from './announce-messages.job.js';
import { CALL_WEBHOOK } from './call-webhook.job.js';
import { SEND_MESSAGES } from './send-messages.job.js';

/** Which function runs which job of the stage. */
@Injectable()
export class DeliverJobs implements OnModuleInit {
  constructor(
    private readonly handlers: JobHandlers,
    private readonly sender: MessageSender,
    private readonly announcer: MessageAnnouncer,
    private readonly webhooks: WebhookCaller,
  ) {}

  onModuleInit(): void {
    this.handlers.handle(SEND_MESSAGES, (batch) => this.sender.send(batch));
    this.handlers.handle(ANNOUNCE_MESSAGES, ({ messageIds }) => this.announcer.announce(messageIds));
    this.handlers.handle(CALL_WEBHOOK, ({ callId }) => this.webhooks.call(callId));
  }
}
