import { Injectable } from '@nestjs/common';
import { BlocklistRepository } from './blocklist.repository.js';
import { MessageRepository } from './message.repository.js';
import { MessageQueryRepository } from './message-query.repository.js';
import { MessageUpkeepRepository } from './message-upkeep.repository.js';

/** The tables that the ledger works on. */
@Injectable()
export class LedgerRows {
  constructor(
    readonly messages: MessageRepository,
    readonly upkeep: MessageUpkeepRepository,
    readonly query: MessageQueryRepository,
    readonly blocklist: BlocklistRepository,
  ) {}
}
