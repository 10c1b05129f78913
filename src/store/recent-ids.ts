import { LRUCache } from 'lru-cache';
import type { TrackedRecord } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import { Lazy } from '../kernel/lazy.js';
import { forEachInTurns } from '../kernel/turns.js';
import { IdPages } from './core/id-pages.js';
import { type Added, IdSet } from './core/id-set.js';

const MINUTE_MS = 60_000;
const MEMORY_BYTES = 32 * 1024 * 1024;
/** Each takes a page at least. */
const MINUTES = 8_192;
/** Fewer records of a minute than this are looked up in the store, which costs less than knowing the whole minute. */
const WORTH_KNOWING = 64;
/** A minute that holds more when it is first met is never known: its records are looked up. */
const MINUTE_LIMIT = 100_000;

/** Ids stored of one project whose client time is in [fromMs, toMs), at most `limit` of them. */
export type LoadIds = (
  projectId: ProjectId,
  range: { fromMs: number; toMs: number },
  limit: number,
) => Promise<string[]>;

/**
 * Which ids of the minutes now being reported are stored already, so that a new record need not be looked up.
 *
 * Minutes are those of the client's clock. One is loaded from the store when it is first met and kept up with from
 * then on; it is forgotten when its memory is needed, or when the lane is leased anew, for then another worker may
 * have stored records that are not in it.
 */
export class RecentIds {
  private readonly pages: Lazy<IdPages>;
  private readonly minutes = new LRUCache<string, IdSet | 'too many'>({
    max: MINUTES,
    dispose: (ids) => ids !== 'too many' && ids.end(),
  });

  constructor(
    private readonly load: LoadIds,
    memoryBytes = MEMORY_BYTES,
  ) {
    this.pages = new Lazy(() => new IdPages(memoryBytes));
  }

  /**
   * The records that may be stored already and have to be looked up; all others are certainly new. Takes every
   * record for stored from now on, which is no harm where the batch fails: its records are looked up then.
   *
   * @param records without repeats
   * @param timeOf the client's time, 0 for none
   */
  async findSuspects(
    lease: number,
    records: readonly TrackedRecord[],
    timeOf: (record: TrackedRecord) => number,
  ): Promise<TrackedRecord[]> {
    const suspects: TrackedRecord[] = [];
    for (const [key, group] of await groupByMinute(lease, records, timeOf)) {
      const ids = await this.idsOf(key, group, timeOf);
      if (ids === null) suspects.push(...group);
      else {
        await forEachInTurns(group, (record) => {
          if (this.add(ids, record.eventId) !== 'new') suspects.push(record);
        });
      }
    }
    return suspects;
  }

  private async idsOf(
    key: string,
    group: readonly TrackedRecord[],
    timeOf: (record: TrackedRecord) => number,
  ): Promise<IdSet | null> {
    const known = this.minutes.get(key);
    if (known === 'too many') return null;
    if (known) return known;
    const [first] = group;
    if (!first || group.length < WORTH_KNOWING || timeOf(first) === 0) return null;
    const fromMs = Math.floor(timeOf(first) / MINUTE_MS) * MINUTE_MS;
    const range = { fromMs, toMs: fromMs + MINUTE_MS };
    const stored = await this.load(first.projectId, range, MINUTE_LIMIT + 1);
    if (stored.length > MINUTE_LIMIT) {
      this.minutes.set(key, 'too many');
      return null;
    }
    const ids = new IdSet(this.pages.value);
    this.minutes.set(key, ids);
    for (const id of stored) this.add(ids, id);
    return ids;
  }

  /** Forgets other minutes where the memory is needed; this one too where it was used before all others. */
  private add(ids: IdSet, id: string): Added {
    let added = ids.add(id);
    while (added === 'full' && !ids.hasEnded && this.minutes.pop() !== undefined) added = ids.add(id);
    return added;
  }
}

async function groupByMinute(
  lease: number,
  records: readonly TrackedRecord[],
  timeOf: (record: TrackedRecord) => number,
): Promise<Map<string, TrackedRecord[]>> {
  const groups = new Map<string, TrackedRecord[]>();
  let last = { projectId: -1, minute: -1 };
  let group: TrackedRecord[] = [];
  await forEachInTurns(records, (record) => {
    const minute = Math.floor(timeOf(record) / MINUTE_MS);
    if (minute !== last.minute || record.projectId !== last.projectId) {
      last = { projectId: record.projectId, minute };
      const key = `${lease} ${record.projectId} ${minute}`;
      group = groups.get(key) ?? [];
      groups.set(key, group);
    }
    group.push(record);
  });
  return groups;
}
