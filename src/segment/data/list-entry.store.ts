import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { ClickHouse, type QueryLimits, type QueryParams } from '../../platform/clickhouse/clickhouse.js';
import { RowWriter } from '../../platform/clickhouse/row-writer.js';
import { LIST_TABLE, type ListCondition, uploadsOf } from '../core/list-condition.js';
import type { ListEntry } from '../core/list-reader.js';
import { RecordSplitter } from '../core/record-splitter.js';
import type { ListCounts } from './user-list.repository.js';

const MIB = 1024 ** 2;
const LIMITS: QueryLimits = { timeoutMs: 110_000, maxMemoryBytes: 2048 * MIB, spillBytes: 512 * MIB };
/** How many lines are named of those that a reason is counted for. */
export const FIRST_LINES = 5;
const TARGET = `${LIST_TABLE} (project_id, list_id, upload, key, value, line, user_id, version)`;
const OF_LIST = 'project_id = {project:UInt32} AND list_id = {list:String}';

/** Uploads of a list, of which its rows are read. */
export interface ListUploads {
  projectId: ProjectId;
  listId: string;
  uploads: readonly number[];
}

/** An entry with the user whom it belongs to; 0: nobody. */
export type MatchedEntry = ListEntry & { line: number; userId: UserId };

/** How many rows of an upload are of a kind, and the first lines of them. */
export interface LineCount {
  count: number;
  firstLines: number[];
}
export interface UploadTally {
  matched: number;
  unknown: LineCount;
  duplicate: LineCount;
}

/** The entries of lists, in ClickHouse. */
@Injectable()
export class ListEntryStore {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** @param upload `version`: 0 as uploaded; the time in ms for what was found out later */
  async insert(
    { projectId, listId }: { projectId: ProjectId; listId: string },
    upload: { number: number; version: number },
    entries: readonly MatchedEntry[],
  ): Promise<void> {
    if (entries.length === 0) return;
    const rows = new RowWriter();
    for (const { key, value, line, userId } of entries) {
      rows.uint32(projectId);
      rows.text(listId);
      rows.uint32(upload.number);
      rows.text(key);
      rows.text(value);
      rows.uint32(line);
      rows.int64(userId);
      rows.int64(upload.version);
    }
    await this.clickhouse.insertRows(TARGET, rows);
  }

  /** What the rows of uploads come to: the first row of an entry counts, the others repeat it. */
  async tally(of: ListUploads): Promise<UploadTally> {
    const [row] = await this.clickhouse.query<{
      matched: number;
      unknown: number;
      unknownLines: number[];
      repeated: number;
      repeatedLines: number[];
    }>(
      `SELECT countIf(owner > 0) AS matched, countIf(owner = 0) AS unknown, sum(length(lines) - 1) AS repeated,
         arraySort(groupArraySorted(${FIRST_LINES})(if(owner = 0, lines[1], 4294967295))) AS unknownLines,
         arraySlice(arraySort(arrayFlatten(groupArrayIf(arraySlice(lines, 2, ${FIRST_LINES}), length(lines) > 1))), 1, ${FIRST_LINES}) AS repeatedLines
       FROM (
         SELECT max(user_id) AS owner, arraySort(groupUniqArray(line)) AS lines
         FROM ${LIST_TABLE} WHERE ${OF_LIST} AND upload IN {uploads:Array(UInt32)} GROUP BY key, value
       )`,
      toParams(of),
      LIMITS,
    );
    if (!row) throw new Error('ClickHouse gave no counts.');
    return {
      matched: row.matched,
      unknown: { count: row.unknown, firstLines: row.unknownLines.slice(0, row.unknown) },
      duplicate: { count: row.repeated, firstLines: row.repeatedLines },
    };
  }

  async count(of: ListUploads): Promise<ListCounts> {
    const [row] = await this.clickhouse.query<ListCounts>(
      `SELECT count() AS entryCount, countIf(owner = 0) AS unknownCount,
         uniqExactIf(dictGetOrDefault('person_canonical', 'canonical', owner, owner), owner > 0) AS userCount
       FROM (
         SELECT argMax(user_id, version) AS owner
         FROM ${LIST_TABLE} WHERE ${OF_LIST} AND upload IN {uploads:Array(UInt32)} GROUP BY key, value
       )`,
      toParams(of),
      LIMITS,
    );
    return row ?? { entryCount: 0, unknownCount: 0, userCount: 0 };
  }

  /** Rows of the upload `staged` that name nobody on the list. */
  async notOnList(of: ListUploads, staged: number): Promise<LineCount> {
    const [row] = await this.clickhouse.query<{ count: number; firstLines: number[] }>(
      `SELECT count() AS count, arraySort(groupArraySorted(${FIRST_LINES})(first)) AS firstLines
       FROM (
         SELECT key, value, max(user_id > 0 AND person IN (SELECT person FROM ${LIST_TABLE}
             WHERE ${OF_LIST} AND upload IN {uploads:Array(UInt32)} AND user_id > 0)) AS has_person, min(line) AS first
         FROM ${LIST_TABLE} WHERE ${OF_LIST} AND upload = {staged:UInt32} GROUP BY key, value
       )
       WHERE NOT has_person
         AND (key, value) NOT IN (SELECT key, value FROM ${LIST_TABLE} WHERE ${OF_LIST} AND upload IN {uploads:Array(UInt32)})`,
      { ...toParams(of), staged },
      LIMITS,
    );
    return row ?? { count: 0, firstLines: [] };
  }

  /**
   * Writes the entries of a list anew as one upload, each once, without those that another upload names: by the same
   * identity, or by any identity of the same person.
   */
  async rewrite(of: ListUploads, { without, into }: { without: number; into: number }): Promise<void> {
    await this.clickhouse.command(
      `INSERT INTO ${TARGET}
       SELECT {project:UInt32}, {list:String}, {into:UInt32}, key, value, first, owner, 0
       FROM (
         SELECT key, value, min(line) AS first, argMax(user_id, version) AS owner,
           max(user_id > 0 AND person IN (SELECT person FROM ${LIST_TABLE} WHERE ${OF_LIST} AND upload = {without:UInt32} AND user_id > 0)) AS is_named
         FROM ${LIST_TABLE} WHERE ${OF_LIST} AND upload IN {uploads:Array(UInt32)} GROUP BY key, value
       )
       WHERE NOT is_named
         AND (key, value) NOT IN (SELECT key, value FROM ${LIST_TABLE} WHERE ${OF_LIST} AND upload = {without:UInt32})`,
      { ...toParams(of), without, into },
      LIMITS,
    );
  }

  /** Entries, some at a time, each with the first upload that holds it. */
  async *read(
    of: ListUploads,
    { isUnknown }: { isUnknown: boolean },
  ): AsyncGenerator<(MatchedEntry & { upload: number })[]> {
    const stream = await this.clickhouse.stream(
      `SELECT key, value, argMin(entry.line, entry.upload) AS line, argMax(user_id, version) AS userId, min(entry.upload) AS upload
       FROM ${LIST_TABLE} AS entry WHERE ${OF_LIST} AND entry.upload IN {uploads:Array(UInt32)}
       GROUP BY key, value ${isUnknown ? 'HAVING userId = 0' : ''}`,
      'JSONEachRow',
      toParams(of),
      LIMITS,
    );
    const splitter = new RecordSplitter(false);
    const decoder = new TextDecoder();
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      const records = splitter.push(decoder.decode(bytes, { stream: true }));
      if (records.length > 0)
        yield records.map(({ text }) => JSON.parse(text ?? '') as MatchedEntry & { upload: number });
    }
  }

  /** Which of the lists a user is on, under any of their numbers. */
  async listsWith(
    projectId: ProjectId,
    conditions: readonly ListCondition[],
    userId: UserId,
  ): Promise<Set<string>> {
    if (conditions.length === 0) return new Set();
    const pairs = conditions.flatMap((each) => uploadsOf(each).map((upload) => [each.list, upload] as const));
    const rows = await this.clickhouse.query<{ id: string }>(
      `SELECT DISTINCT list_id AS id FROM ${LIST_TABLE}
       WHERE project_id = {project:UInt32} AND (list_id, upload) IN arrayZip({lists:Array(String)}, {uploads:Array(UInt32)})
         AND user_id > 0 AND person = dictGetOrDefault('person_canonical', 'canonical', {user:UInt64}, {user:UInt64})`,
      {
        project: projectId,
        lists: pairs.map(([list]) => list),
        uploads: pairs.map(([, upload]) => upload),
        user: userId,
      },
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Every upload that has rows. */
  uploads(): Promise<{ projectId: ProjectId; listId: string; upload: number }[]> {
    return this.clickhouse.query(
      `SELECT DISTINCT project_id AS projectId, list_id AS listId, upload FROM ${LIST_TABLE}`,
      {},
      LIMITS,
    );
  }

  async delete({ projectId, listId, uploads }: ListUploads): Promise<void> {
    await this.clickhouse.command(
      `DELETE FROM ${LIST_TABLE} WHERE ${OF_LIST} AND upload IN {uploads:Array(UInt32)}`,
      { project: projectId, list: listId, uploads },
      LIMITS,
    );
  }
}

function toParams({ projectId, listId, uploads }: ListUploads): QueryParams {
  return { project: projectId, list: listId, uploads: uploads.length === 0 ? [0] : uploads };
}
