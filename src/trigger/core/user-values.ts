import type { UserId } from '../../kernel/ids.js';
import { meetsComparison } from '../../kernel/number-compare.js';
import { maxAgeOf, partOf, type ValueFilter } from '../../kernel/value-filter.js';
import { HOUR_MS } from './rule.js';

export type UserValue = readonly [name: string, value: number | null];

/** Feature values and scores of the users of a batch, as they are known now. */
export class UserValues {
  private readonly known = new Map<string, { asOf: number; values: ReadonlyMap<string, number | null> }>();

  constructor(readonly nowMs: number) {}

  /** @param about `owner`: id of the feature set or churn model; `asOf` of its snapshot or run, ms since 1970 */
  add(about: { owner: string; userId: UserId; asOf: number }, values: readonly UserValue[]): void {
    this.known.set(toKey(about.owner, about.userId), { asOf: about.asOf, values: new Map(values) });
  }

  /** Whether every filter holds for a user. A value that is not there, or older than it may be, meets none. */
  meet(filters: readonly ValueFilter[], userId: UserId): boolean {
    return filters.every((filter) => meetsComparison(this.find(filter, userId), filter.compare));
  }

  private find(filter: ValueFilter, userId: UserId): number | null {
    const [owner, name] =
      'feature' in filter ? [filter.feature.set, filter.feature.name] : [filter.score.model, partOf(filter)];
    const known = this.known.get(toKey(owner, userId));
    const maxAgeHours = maxAgeOf(filter) ?? Number.POSITIVE_INFINITY;
    if (!known || this.nowMs - known.asOf > maxAgeHours * HOUR_MS) return null;
    return known.values.get(name) ?? null;
  }
}

function toKey(owner: string, userId: UserId): string {
  return `${owner} ${userId}`;
}
