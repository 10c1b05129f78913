import { Injectable } from '@nestjs/common';
import { Identities } from '../identify/contract.js';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { type ListEntry, USER_NUMBER_KEY } from './core/list-reader.js';
import { ListEntryStore, type MatchedEntry } from './data/list-entry.store.js';
import { type UserList, UserListRepository } from './data/user-list.repository.js';

/** So many entries that matched nobody are looked up while somebody waits. */
export const MAX_WHILE_WAITING = 20_000;
/** What is looked up at once. */
const CHUNK = 5_000;

/** Finds the users whom the entries of lists belong to. */
@Injectable()
export class ListMatcher {
  constructor(
    private readonly clock: Clock,
    private readonly identities: Identities,
    private readonly lists: UserListRepository,
    private readonly entries: ListEntryStore,
  ) {}

  /** The entries with the user whom each belongs to now, 0 where nobody has it. */
  async match<Entry extends ListEntry>(
    projectId: ProjectId,
    entries: readonly Entry[],
  ): Promise<(Entry & { userId: number })[]> {
    const isNumber = ({ key }: Entry) => key === USER_NUMBER_KEY;
    const numbers = entries.filter(isNumber);
    const named = entries.filter((entry) => !isNumber(entry));
    const [users, owners] = await Promise.all([
      this.identities.findAllCurrent(
        projectId,
        numbers.map(({ value }) => Number(value)),
      ),
      this.identities.findUsers(projectId, named),
    ]);
    return [
      ...numbers.map((entry, index) => ({ ...entry, userId: users[index] ?? 0 })),
      ...named.map((entry, index) => ({ ...entry, userId: owners[index] ?? 0 })),
    ];
  }

  /** Looks up again what matched nobody, before the lists are asked for; with many such entries the sweep does it. */
  async refresh(
    projectId: ProjectId,
    listIds: readonly string[],
    maxUnknown: number = MAX_WHILE_WAITING,
  ): Promise<void> {
    for (const list of await this.lists.findMany(projectId, listIds)) {
      if (list.unknownCount > 0 && list.unknownCount <= maxUnknown) await this.matchUnknown(list);
    }
  }

  private async matchUnknown(list: UserList): Promise<void> {
    const of = { projectId: list.projectId, listId: list.id, uploads: list.uploads };
    const version = this.clock.now();
    let found = 0;
    for await (const some of inChunks(this.entries.read(of, { isUnknown: true }))) {
      const matched = (await this.match(list.projectId, some)).filter(({ userId }) => userId > 0);
      found += matched.length;
      for (const number of new Set(matched.map(({ upload }) => upload))) {
        const ofUpload = matched.filter(({ upload }) => upload === number);
        await this.entries.insert(of, { number, version }, ofUpload);
      }
    }
    if (found > 0) await this.lists.setCounts(list.id, await this.entries.count(of));
  }

  /** Writes every entry of a list with the user whom it belongs to now as another upload. */
  async rewrite(list: UserList, number: number, renew: () => Promise<void>): Promise<void> {
    const of = { projectId: list.projectId, listId: list.id, uploads: list.uploads };
    for await (const some of inChunks<MatchedEntry>(this.entries.read(of, { isUnknown: false }))) {
      await this.entries.insert(of, { number, version: 0 }, await this.match(list.projectId, some));
      await renew();
    }
  }
}

/** The same items, about CHUNK at a time. */
export async function* inChunks<Item>(pieces: AsyncIterable<Item[]>): AsyncGenerator<Item[]> {
  let waiting: Item[] = [];
  for await (const piece of pieces) {
    waiting = waiting.length === 0 ? piece : [...waiting, ...piece];
    while (waiting.length >= CHUNK) yield waiting.splice(0, CHUNK);
  }
  if (waiting.length > 0) yield waiting;
}
