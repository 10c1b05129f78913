import { LRUCache } from 'lru-cache';
import type { TrackedRecord } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import { forEachInTurns } from '../kernel/turns.js';
import { IdSet } from './core/id-set.js';

const MINUTE_MS = 60_000;
const MEMORY_BYTES = 32 * 1024 * 1024;
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
  private readonly minutes = new LRUCache<string, IdSet | 'too many'>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: (ids) => (ids === 'too many' ? 1 : ids.sizeBytes),
  });

  constructor(private readonly load: LoadIds) {}

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
          if (!ids.add(record.eventId)) suspects.push(record);
        });
        this.minutes.set(key, ids);
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
    const ids = new IdSet();
    for (const id of stored) ids.add(id);
    return ids;
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
