import type { UserId } from '../../kernel/ids.js';
import type { QueryParams } from '../../platform/clickhouse/clickhouse.js';
import type { WhichMembers } from '../core/which-members.js';

/** Members of one attempt at a run: only those of the attempt that finished it are ever read. */
export interface MemberSet {
  runId: string;
  attempt: number;
}

/** Users of a run: its members, or those who entered or left since the run it was compared with. */
export interface MemberSelection {
  which: WhichMembers;
  present: MemberSet;
  /** null: there was none, and everyone entered. */
  before: MemberSet | null;
}

/**
 * A query with the columns `user_id` and `person`, who that is now, in no order: the users behind `after`, until `until`,
 * that one included.
 */
export function selectMembers(
  { which, present, before }: MemberSelection,
  after: UserId,
  until: UserId = Number.MAX_SAFE_INTEGER,
): { sql: string; params: QueryParams } {
  const params = { run: present.runId, attempt: present.attempt, after, until };
  if (which === 'members') {
    return {
      sql: `SELECT user_id, person FROM segment_member
       WHERE run_id = {run:String} AND attempt = {attempt:UInt16} AND user_id > {after:UInt64}
         AND user_id <= {until:UInt64}`,
      params,
    };
  }
  const [has, lacks] = which === 'entered' ? ['is_in', 'was_in'] : ['was_in', 'is_in'];
  return {
    // Persons merged since are one in both runs, as where they were counted.
    sql: `SELECT person AS user_id, person FROM (
         SELECT person, max(run_id = {run:String}) AS is_in, max(run_id = {before:String}) AS was_in
         FROM segment_member
         WHERE ((run_id = {run:String} AND attempt = {attempt:UInt16})
             OR (run_id = {before:String} AND attempt = {beforeAttempt:UInt16})) AND person > {after:UInt64} AND person <= {until:UInt64}
         GROUP BY person
       ) WHERE ${has} AND NOT ${lacks}`,
    params: { ...params, before: before?.runId ?? '', beforeAttempt: before?.attempt ?? 0 },
  };
}
