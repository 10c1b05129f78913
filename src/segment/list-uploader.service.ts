import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { LIST_ROW_REASONS, type ListRowReason } from '../kernel/reasons.js';
import { Clock } from '../platform/clock/clock.js';
import { invalidField, notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { log } from '../platform/log/log.js';
import {
  type ListEntry,
  ListFileRefusal,
  type ListFormat,
  ListReader,
  type ListRow,
} from './core/list-reader.js';
import { FIRST_LINES, type LineCount, ListEntryStore, type ListUploads } from './data/list-entry.store.js';
import {
  type ListLease,
  type UploadMode,
  type UploadResult,
  type UserList,
  UserListRepository,
} from './data/user-list.repository.js';
import { inChunks, ListMatcher } from './list-matcher.service.js';

const LEASE_MS = 120_000;
const RENEW_EVERY_MS = 20_000;
/** More uploads of one list are written together, so that a query names few. */
const MAX_UPLOADS = 100;
/** Rows of one file. */
export const MAX_ROWS = 20_000_000;

/** A file as it comes. */
export interface ListFile {
  format: ListFormat;
  /** null: the file makes clear which column names the users. */
  column: string | null;
  bytes: AsyncIterable<Uint8Array>;
}

type Reasons = Map<ListRowReason, LineCount>;

/** Changes lists by files; what a file changes is there as a whole, or not at all. */
@Injectable()
export class ListUploader {
  constructor(
    private readonly clock: Clock,
    private readonly lists: UserListRepository,
    private readonly entries: ListEntryStore,
    private readonly matcher: ListMatcher,
  ) {}

  async upload(
    projectId: ProjectId,
    listId: string,
    { mode, file }: { mode: UploadMode; file: ListFile },
  ): Promise<UserList> {
    return this.changing(projectId, listId, async (lease, renew) => {
      const { list, number } = lease;
      const of = { projectId, listId, uploads: [number] };
      const { rows, reasons } = await this.store(of, file, renew);
      const { matched, unknown, duplicate } = await this.entries.tally(of);
      if (matched + unknown.count === 0) throw nothingUsable(rows, reasons);
      reasons.set('duplicate_row', duplicate);
      const present = { projectId, listId, uploads: list.uploads };
      if (mode === 'remove') reasons.set('not_on_list', await this.entries.notOnList(present, number));
      else reasons.set('unknown_user', unknown);
      const uploads = await this.combine(lease, mode);
      const result = toResult(mode, rows, reasons);
      return { uploads, isMatched: mode === 'replace', result: { ...result, finishedAt: this.nowText() } };
    });
  }

  /** Looks up every identity of a list again: what belonged to somebody may be somebody else's by now. */
  async rematch(list: UserList): Promise<void> {
    await this.changing(list.projectId, list.id, async (lease, renew) => {
      await this.matcher.rewrite(lease.list, lease.number, renew);
      return { uploads: [lease.number], isMatched: true, result: null };
    });
  }

  /** Does a change of a list while no other one can; nothing of it stays where it fails. */
  private async changing(
    projectId: ProjectId,
    listId: string,
    change: (
      lease: ListLease,
      renew: () => Promise<void>,
    ) => Promise<{ uploads: number[]; isMatched: boolean; result: UploadResult | null }>,
  ): Promise<UserList> {
    const nowMs = this.clock.now();
    const lease = await this.lists.lease(projectId, listId, { nowMs, leaseMs: LEASE_MS });
    if (!lease) throw (await this.lists.find(projectId, listId)) ? beingChanged() : notFound('list', listId);
    try {
      const changed = await change(lease, this.renewer(lease));
      const counts = await this.entries.count({ projectId, listId, uploads: changed.uploads });
      const list = await this.lists.finish(lease, { ...changed, counts }, this.clock.now());
      if (!list) throw beingChanged();
      return list;
    } catch (error) {
      await this.giveUp(lease);
      if (!(error instanceof ListFileRefusal)) throw error;
      throw invalidField('?column', error.code, error.message);
    }
  }

  private renewer(lease: ListLease): () => Promise<void> {
    let renewedMs = this.clock.now();
    return async () => {
      const nowMs = this.clock.now();
      if (nowMs - renewedMs < RENEW_EVERY_MS) return;
      renewedMs = nowMs;
      if (!(await this.lists.renew(lease, nowMs + LEASE_MS))) throw beingChanged();
    };
  }

  /** What cannot be deleted now, the sweep deletes. */
  private async giveUp(lease: ListLease): Promise<void> {
    const { list, number } = lease;
    try {
      await this.lists.release(lease);
      await this.entries.delete({
        projectId: list.projectId,
        listId: list.id,
        uploads: [number, number + 1],
      });
    } catch (error) {
      log.warn({ err: error, list: list.id }, 'an upload that broke off could not be removed');
    }
  }

  private async store(
    of: ListUploads,
    file: ListFile,
    renew: () => Promise<void>,
  ): Promise<{ rows: number; reasons: Reasons }> {
    const reasons: Reasons = new Map();
    let rows = 0;
    for await (const some of inChunks(readRows(file))) {
      rows += some.length;
      if (rows > MAX_ROWS) throw tooManyRows();
      for (const row of some) if ('reason' in row) count(reasons, row.reason, row.line);
      const good = some.filter(isEntry);
      const matched = await this.matcher.match(of.projectId, good);
      await this.entries.insert(of, { number: of.uploads[0] ?? 0, version: 0 }, matched);
      await renew();
    }
    return { rows, reasons };
  }

  /** @returns the uploads that the list is made of from now on */
  private async combine({ list, number }: ListLease, mode: UploadMode): Promise<number[]> {
    if (mode === 'replace') return [number];
    const isShort = list.uploads.length < MAX_UPLOADS;
    if (mode === 'append' && isShort) return [...list.uploads, number];
    const uploads = mode === 'remove' ? list.uploads : [...list.uploads, number];
    const without = mode === 'remove' ? number : 0;
    const of = { projectId: list.projectId, listId: list.id, uploads };
    await this.entries.rewrite(of, { without, into: number + 1 });
    return [number + 1];
  }

  private nowText(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

async function* readRows({ format, column, bytes }: ListFile): AsyncGenerator<ListRow[]> {
  const reader = new ListReader(format, column);
  for await (const piece of bytes) yield reader.push(piece);
  yield reader.end();
}

function isEntry(row: ListRow): row is ListEntry & { line: number } {
  return !('reason' in row);
}

function count(reasons: Reasons, reason: ListRowReason, line: number): void {
  const { count, firstLines } = reasons.get(reason) ?? { count: 0, firstLines: [] };
  reasons.set(reason, {
    count: count + 1,
    firstLines: firstLines.length < FIRST_LINES ? [...firstLines, line] : firstLines,
  });
}

function toResult(mode: UploadMode, rows: number, reasons: Reasons): Omit<UploadResult, 'finishedAt'> {
  const countOf = (reason: ListRowReason) => reasons.get(reason)?.count ?? 0;
  const counted = LIST_ROW_REASONS.flatMap((reason) => {
    const found = reasons.get(reason);
    return found && found.count > 0 ? [{ reason, ...found }] : [];
  });
  const unknown = countOf('unknown_user') + countOf('not_on_list');
  const duplicate = countOf('duplicate_row');
  const all = counted.reduce((sum, each) => sum + each.count, 0);
  return {
    mode,
    rows,
    matched: rows - all,
    unknown,
    malformed: all - unknown - duplicate,
    duplicate,
    reasons: counted,
  };
}

function beingChanged(): Problem {
  return new Problem(PROBLEMS.conflict, 'Another upload changes the list just now: try again later.', [], 10);
}

function tooManyRows(): Problem {
  return invalidField(
    '',
    'too_many_rows',
    `A file may have at most ${MAX_ROWS} rows: cut it and append the parts.`,
  );
}

/** An empty file by mistake must not empty a list. */
function nothingUsable(rows: number, reasons: Reasons): Problem {
  const why = [...reasons].map(
    ([reason, { count, firstLines }]) => `${reason} ${count} (line ${firstLines[0]})`,
  );
  const detail =
    rows === 0
      ? 'The file has no rows: the list stays as it was.'
      : `None of the ${rows} rows names a user: ${why.join(', ')}. The list stays as it was.`;
  return invalidField('', 'nothing_usable', detail);
}
