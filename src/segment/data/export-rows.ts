import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import { PROFILE_TABLE } from '../../store/contract.js';
import { type MemberSelection, selectMembers } from './member-selection.js';
import { EXPORT_FORMATS, type ExportFormat } from './member-store.js';

const TIMEOUT_MS = 3_600_000;

/** Users of one piece of a file: behind `after`, until `last`. */
export interface ExportPiece {
  after: UserId;
  last: UserId;
  rows: number;
}

/** The rows of an export, with values of the profile, as ClickHouse writes them. */
@Injectable()
export class ExportRows {
  constructor(private readonly clickhouse: ClickHouse) {}

  /** The next users, `most` at the most. */
  async findPiece(
    selection: MemberSelection,
    page: { after: UserId; most: number | null },
    signal: AbortSignal,
  ): Promise<ExportPiece> {
    const { sql, params } = selectMembers(selection, page.after);
    const [row] = await this.clickhouse.query<{ last: UserId; rows: number }>(
      `SELECT max(user_id) AS last, count() AS rows FROM (${sql}${page.most === null ? '' : ' ORDER BY user_id LIMIT {most:UInt64}'})`,
      { ...params, ...(page.most === null ? {} : { most: page.most }) },
      { timeoutMs: TIMEOUT_MS, signal },
    );
    return { after: page.after, last: row?.last ?? page.after, rows: row?.rows ?? 0 };
  }

  /** A column of the profile is empty where the profile has no such property. */
  stream(
    selection: MemberSelection,
    piece: ExportPiece,
    file: { projectId: ProjectId; format: ExportFormat; columns: readonly string[]; signal: AbortSignal },
  ): Promise<Readable> {
    const users = selectMembers(selection, piece.after, piece.last);
    const columns = file.columns.map((property, index) => ({
      inner: `${valueSql(index, file.format)} AS c${index}`,
      outer: `, profile.c${index} AS {n${index}:Identifier}`,
      params: { [`p${index}`]: `properties.${property}`, [`n${index}`]: property },
    }));
    const join =
      columns.length === 0
        ? ''
        : `LEFT ANY JOIN (
         SELECT user_id AS profile_user, ${columns.map(({ inner }) => inner).join(', ')} FROM ${PROFILE_TABLE} FINAL
         WHERE project_id = {project:UInt32} AND user_id IN (SELECT person FROM (${users.sql}))
       ) AS profile ON profile.profile_user = user.person`;
    return this.clickhouse.stream(
      `SELECT concat('usr_', toString(user.user_id)) AS user_id${columns.map(({ outer }) => outer).join('')}
       FROM (${users.sql}) AS user ${join} ORDER BY user.user_id`,
      file.format === 'csv' && piece.after > 0 ? 'CSV' : EXPORT_FORMATS[file.format].clickhouse,
      Object.assign({ ...users.params, project: file.projectId }, ...columns.map(({ params }) => params)),
      { timeoutMs: TIMEOUT_MS, signal: file.signal },
    );
  }
}

/** JSON keeps the type of a value; the others have one type for a column, which is text. */
function valueSql(index: number, format: ExportFormat): string {
  const value = `{p${index}:Identifier}`;
  if (format === 'jsonl') return value;
  const text = `if(isNull(${value}), NULL, toString(${value}))`;
  return format === 'csv' ? `ifNull(${text}, '')` : text;
}
