import { Injectable } from '@nestjs/common';
import type { TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { forEachInTurns } from '../kernel/turns.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { EventStore, type StoredEvent } from './contract.js';
import { EventRepository } from './data/event.repository.js';
import { seenTime } from './data/event-rows.js';
import { RecentIds } from './recent-ids.js';

const DAY_MS = 86_400_000;

@Injectable()
export class EventStoreService extends EventStore {
  private readonly recent: RecentIds;

  constructor(
    private readonly repository: EventRepository,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    super();
    this.recent = new RecentIds((projectId, range, limit) =>
      repository.findStoredIds(projectId, range, limit),
    );
  }

  async withoutDuplicates(
    batch: { id: number; lease: number },
    records: readonly TrackedRecord[],
  ): Promise<TrackedRecord[]> {
    const distinct = await withoutRepeats(records);
    const suspects = await this.recent.findSuspects(batch.lease, distinct, seenTime);
    const seen = await this.findSeen(batch.id, suspects);
    return seen.size === 0 ? distinct : distinct.filter(({ eventId }) => !seen.has(eventId));
  }

  append(batchId: number, records: readonly TrackedRecord[], part = ''): Promise<void> {
    return this.repository.insert(batchId, records, part);
  }

  timeline(
    projectId: ProjectId,
    userId: UserId,
    page: { limit: number; before: { time: number; eventId: string } | null; events?: readonly string[] },
  ): Promise<StoredEvent[]> {
    return this.repository.timeline(projectId, userId, page);
  }

  private async findSeen(batchId: number, records: readonly TrackedRecord[]): Promise<Set<string>> {
    const since = this.clock.now() - this.config.get('DEDUP_WINDOW_DAYS') * DAY_MS;
    const byProject = new Map<ProjectId, TrackedRecord[]>();
    for (const record of records) {
      const own = byProject.get(record.projectId);
      if (own) own.push(record);
      else byProject.set(record.projectId, [record]);
    }
    const found = await Promise.all(
      [...byProject].map(([projectId, own]) => this.repository.findSeen(batchId, projectId, own, since)),
    );
    return new Set(found.flatMap((ids) => [...ids]));
  }
}

/** The first of each record: an SDK may send one twice within the same batch. */
async function withoutRepeats(records: readonly TrackedRecord[]): Promise<TrackedRecord[]> {
  const known = new Map<ProjectId, Set<string>>();
  const distinct: TrackedRecord[] = [];
  await forEachInTurns(records, (record) => {
    const ids = known.get(record.projectId) ?? new Set();
    if (ids.has(record.eventId)) return;
    known.set(record.projectId, ids.add(record.eventId));
    distinct.push(record);
  });
  return distinct;
}
