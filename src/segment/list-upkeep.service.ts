import { Injectable } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { Clock } from '../platform/clock/clock.js';
import { Problem } from '../platform/http-server/problem.js';
import { ListEntryStore } from './data/list-entry.store.js';
import { UserListRepository } from './data/user-list.repository.js';
import { MAX_WHILE_WAITING } from './list-matcher.service.js';
import { ListUploader } from './list-uploader.service.js';

const HOUR_MS = 3_600_000;
const MATCH_EVERY_MS = 300_000;
const MATCHED_FOR_MS = 24 * HOUR_MS;
const LISTS_AT_ONCE = 20;
/** A query that began before a list changed has ended after this time. */
const KEPT_MS = HOUR_MS;

/** Keeps lists true to who is who, and deletes rows that no list is made of any more. */
@Injectable()
export class ListUpkeep {
  constructor(
    private readonly clock: Clock,
    private readonly lists: UserListRepository,
    private readonly entries: ListEntryStore,
    private readonly uploader: ListUploader,
  ) {}

  tasks(): UpkeepTask[] {
    return [
      { name: 'list-match', everyMs: MATCH_EVERY_MS, run: () => this.rematch() },
      { name: 'list-sweep', everyMs: HOUR_MS, run: () => this.sweep() },
    ];
  }

  private async rematch(): Promise<void> {
    const nowMs = this.clock.now();
    const due = {
      beforeMs: nowMs - MATCHED_FOR_MS,
      manyUnknown: MAX_WHILE_WAITING,
      manyBeforeMs: nowMs - HOUR_MS,
    };
    for (const list of await this.lists.findUnmatched(due, LISTS_AT_ONCE)) {
      await this.uploader.rematch(list).catch((error: unknown) => {
        // Somebody changes it just now, or deleted it.
        if (!(error instanceof Problem)) throw error;
      });
    }
  }

  private async sweep(): Promise<void> {
    // Rows are listed first: what an upload that begins now writes is not among them.
    const stored = await this.entries.uploads();
    const needed = await this.lists.findNeeded(this.clock.now() - KEPT_MS);
    for (const { projectId, listId, upload } of stored) {
      const list = needed.get(listId);
      if (list && (!list.isSettled || list.uploads.includes(upload))) continue;
      await this.entries.delete({ projectId, listId, uploads: [upload] });
    }
  }
}
