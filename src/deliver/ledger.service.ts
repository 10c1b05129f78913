import { Injectable } from '@nestjs/common';
import type { RecordEngagement } from '../kernel/effects.js';
import { newId, type ProjectId } from '../kernel/ids.js';
import type { HoldReason } from '../kernel/reasons.js';
import { Clock } from '../platform/clock/clock.js';
import { Database, type Sql } from '../platform/db/database.js';
import { metrics } from '../platform/metrics/metrics.js';
import { ChannelCatalogue } from './channel-catalogue.js';
import { Ledger, type MessageCounts, type PlannedMessage, type PlanResult } from './contract.js';
import { decidePlan } from './core/decide-plan.js';
import type { BlockRule } from './core/decide-suppression.js';
import { countMessages } from './count-messages.js';
import { LedgerRows } from './data/ledger-rows.js';
import type { NewMessage } from './data/message.repository.js';
import { MessageJobs } from './message-jobs.js';

/** Rows of one INSERT. */
const CHUNK_ROWS = 1_000;

/** The send ledger. It takes plans, and answers what became of them; `MessageSender` sends. */
@Injectable()
export class LedgerService extends Ledger {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly catalogue: ChannelCatalogue,
    private readonly jobs: MessageJobs,
    private readonly rows: LedgerRows,
  ) {
    super();
  }

  async plan(messages: readonly PlannedMessage[]): Promise<PlanResult> {
    const now = this.clock.now();
    const fresh = await this.db.transaction(async (tx) => {
      const inserted: NewMessage[] = [];
      for (let from = 0; from < messages.length; from += CHUNK_ROWS) {
        inserted.push(...(await this.planChunk(tx, messages.slice(from, from + CHUNK_ROWS), now)));
      }
      return inserted;
    });
    countMessages(fresh);
    const queued = fresh.filter(({ state }) => state === 'queued');
    await this.jobs.addDue(queued.map(({ id, projectId, sendAt }) => ({ id, projectId, dueAt: sendAt })));
    await this.jobs.addAnnouncements(fresh.filter(({ state }) => state === 'held').map(({ id }) => id));
    return {
      planned: queued.length,
      held: countByReason(fresh),
      repeated: messages.length - fresh.length,
    };
  }

  async recordEngagement(engagements: readonly RecordEngagement[]): Promise<void> {
    if (engagements.length === 0) return;
    const settled = await this.rows.upkeep.recordEngagement(engagements, this.clock.now());
    countMessages(settled);
    await this.jobs.addAnnouncements(settled.map(({ id }) => id));
  }

  countsOfCampaign(projectId: ProjectId, campaignId: string): Promise<MessageCounts> {
    return this.rows.query.countsOfCampaign(projectId, campaignId);
  }

  countsOfProject(projectId: ProjectId, since: number): Promise<MessageCounts> {
    return this.rows.query.countsOfProject(projectId, since);
  }

  async holdUnsent(projectId: ProjectId, campaignId: string, reason: HoldReason): Promise<number> {
    const held = await this.rows.upkeep.holdUnsent({ projectId, campaignId, reason }, this.clock.now());
    for (const { channel, count } of held) metrics.messages.inc({ channel, state: 'held', reason }, count);
    return held.reduce((sum, { count }) => sum + count, 0);
  }

  private async planChunk(tx: Sql, messages: readonly PlannedMessage[], now: number): Promise<NewMessage[]> {
    const rules = await this.findRules(tx, messages);
    const rows = messages.map((message) => this.toRow(message, rules.get(message.projectId) ?? [], now));
    const inserted = await this.rows.messages.insert(tx, rows, now);
    return rows.filter(({ id }) => inserted.has(id));
  }

  private async findRules(
    tx: Sql,
    messages: readonly PlannedMessage[],
  ): Promise<Map<ProjectId, BlockRule[]>> {
    const rules = new Map<ProjectId, BlockRule[]>();
    for (const projectId of new Set(messages.map((message) => message.projectId))) {
      const own = messages.filter((message) => message.projectId === projectId);
      rules.set(projectId, await this.rows.blocklist.findFor(projectId, own, tx));
    }
    return rules;
  }

  private toRow(message: PlannedMessage, rules: readonly BlockRule[], now: number): NewMessage {
    const validAddress = this.catalogue.validAddress(message.channel, message.address);
    const decision = decidePlan(message, { validAddress, rules, now });
    const { holdReason: _, ...planned } = message;
    return {
      ...planned,
      id: newId('message', now),
      address: decision.address,
      state: decision.kind,
      reason: decision.kind === 'held' ? decision.reason : null,
      detail: decision.kind === 'held' ? decision.detail : null,
    };
  }
}

function countByReason(messages: readonly NewMessage[]): Partial<Record<HoldReason, number>> {
  const counts: Partial<Record<HoldReason, number>> = {};
  for (const { reason } of messages) {
    if (reason !== null) counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}
