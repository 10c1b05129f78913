import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../kernel/ids.js';
import type { BlockReason } from '../kernel/reasons.js';
import { Clock } from '../platform/clock/clock.js';
import { Database } from '../platform/db/database.js';
import {
  type BlockKind,
  decideAddition,
  decideSuppression,
  normaliseBlockValue,
  type Recipient,
} from './core/decide-suppression.js';
import { type BlocklistEntry, BlocklistRepository } from './data/blocklist.repository.js';

export interface NewBlock {
  channel: string;
  kind: BlockKind;
  value: string;
  reason: BlockReason;
  note: string;
  createdBy: string;
  expiresAt: number | null;
}

/** Who must not get messages. Both `plan` and the reservation of a send ask it. */
@Injectable()
export class BlocklistService {
  constructor(
    private readonly db: Database,
    private readonly entries: BlocklistRepository,
    private readonly clock: Clock,
  ) {}

  /** Adds an entry; where one that lasts as long is in force, that one stays and is the answer. */
  async add(projectId: ProjectId, wanted: NewBlock): Promise<BlocklistEntry> {
    const now = this.clock.now();
    const entry: BlocklistEntry = {
      ...wanted,
      value: normaliseBlockValue(wanted.kind, wanted.value),
      id: newId('blocklistEntry', now),
      createdAt: now,
      removedAt: null,
      removedBy: null,
    };
    return this.db.transaction(async (tx) => {
      const present = await this.entries.lockActive(tx, projectId, entry);
      const decision = decideAddition(present, entry, now);
      if (present && decision === 'keep') return present;
      if (present) await this.entries.remove(projectId, { id: present.id, by: entry.createdBy, at: now }, tx);
      await this.entries.insert(tx, projectId, entry);
      return entry;
    });
  }

  /** @returns whether there was such an entry in force */
  remove(projectId: ProjectId, id: string, by: string): Promise<boolean> {
    return this.entries.remove(projectId, { id, by, at: this.clock.now() });
  }

  /** The entry that keeps messages from the recipient; null where none does. */
  async findBlocking(projectId: ProjectId, recipient: Recipient): Promise<BlocklistEntry | null> {
    const entries = await this.entries.findFor(projectId, [recipient]);
    const decision = decideSuppression(entries, recipient, this.clock.now());
    if (decision.kind === 'allow') return null;
    return entries.find(({ id }) => id === decision.rule.id) ?? null;
  }
}
