import { z } from 'zod';
import { isId } from '../../kernel/ids.js';
import type { SqlParams } from '../../kernel/sql-params.js';

export const LIST_CONDITION = z.strictObject({
  list: z.string().refine((text) => isId('userList', text), 'must be the id of a list, lst_…'),
});
/** Holds for the persons who are on an uploaded list now, under any of their numbers. */
export interface ListCondition {
  list: string;
  /** The uploads that the list is made of; `inlineLists` puts them in. */
  uploads?: readonly number[];
}

/** ClickHouse table of the entries of lists (migrations/clickhouse/0035-list-entry.sql). */
export const LIST_TABLE = 'list_entry';
/** No upload has this number: a list of nothing asks for it. */
const NO_UPLOAD = 0;

/** The uploads of a list in the order in which they are bound; never empty. */
export function uploadsOf({ list, uploads }: ListCondition): readonly number[] {
  if (!uploads) throw new Error(`The uploads of ${list} were not put in.`);
  return uploads.length === 0 ? [NO_UPLOAD] : uploads;
}

/** @param project placeholder of the project */
export function listSql(
  condition: ListCondition,
  person: string,
  { params, project }: { params: SqlParams; project: string },
): string {
  const list = params.bind(condition.list, 'String');
  const uploads = params.bind(uploadsOf(condition), 'Array(UInt32)');
  return `${person} IN (SELECT person FROM ${LIST_TABLE} WHERE project_id = ${project} AND list_id = ${list} AND upload IN ${uploads} AND user_id > 0)`;
}
