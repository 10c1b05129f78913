import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import type { ListRowReason } from '../../kernel/reasons.js';
import { Database } from '../../platform/db/database.js';

/** How a file changes a list. */
export const UPLOAD_MODES = ['replace', 'append', 'remove'] as const;
export type UploadMode = (typeof UPLOAD_MODES)[number];

/** What became of the rows of an upload. */
export interface UploadResult {
  mode: UploadMode;
  finishedAt: string;
  /** Rows of the file; the same as `matched` and every reason together. */
  rows: number;
  matched: number;
  unknown: number;
  malformed: number;
  duplicate: number;
  /** By the order of `LIST_ROW_REASONS`; those that no row has are absent. */
  reasons: { reason: ListRowReason; count: number; firstLines: number[] }[];
}

export interface ListCounts {
  entryCount: number;
  unknownCount: number;
  userCount: number;
}

export interface UserList extends ListCounts {
  id: string;
  projectId: ProjectId;
  name: string;
  description: string;
  uploads: number[];
  lastUpload: UploadResult | null;
  matchedAt: Date;
  changedAt: Date;
  createdAt: Date;
}

/** The right to change a list until the lease is over. */
export interface ListLease {
  list: UserList;
  /** Rows may be written under this number and the next one. */
  number: number;
}

type ListRow = Omit<UserList, keyof ListCounts> & Record<keyof ListCounts, string>;

const COLUMNS = `id, project_id AS "projectId", name, description, uploads, entry_count AS "entryCount",
  unknown_count AS "unknownCount", user_count AS "userCount", last_upload AS "lastUpload", matched_at AS "matchedAt",
  changed_at AS "changedAt", created_at AS "createdAt"`;

/** Uploaded lists, but for their entries. One change of a list at a time, under a lease. */
@Injectable()
export class UserListRepository {
  constructor(private readonly db: Database) {}

  /** @returns false where the project has a list of that name */
  async insert(
    list: Pick<UserList, 'id' | 'projectId' | 'name' | 'description' | 'createdAt'>,
  ): Promise<boolean> {
    const inserted = await this.db.execute(
      `INSERT INTO user_list (id, project_id, name, description, created_at, changed_at, matched_at)
       VALUES ($1, $2, $3, $4, $5, $5, $5) ON CONFLICT ON CONSTRAINT user_list_name_key DO NOTHING`,
      [list.id, list.projectId, list.name, list.description, list.createdAt],
    );
    return inserted === 1;
  }

  async find(projectId: ProjectId, id: string): Promise<UserList | null> {
    const [row] = await this.findMany(projectId, [id]);
    return row ?? null;
  }

  /** Those of the lists that the project has. */
  async findMany(projectId: ProjectId, ids: readonly string[]): Promise<UserList[]> {
    if (ids.length === 0) return [];
    const rows = await this.db.query<ListRow>(
      `SELECT ${COLUMNS} FROM user_list WHERE project_id = $1 AND id = ANY($2)`,
      [projectId, ids],
    );
    return rows.map(toList);
  }

  /** Newest first. */
  async list(projectId: ProjectId, before: string | null, limit: number): Promise<UserList[]> {
    const rows = await this.db.query<ListRow>(
      `SELECT ${COLUMNS} FROM user_list WHERE project_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [projectId, before, limit],
    );
    return rows.map(toList);
  }

  /** @returns null where there is no such list; `name_taken` where another one has the name */
  async rename(
    projectId: ProjectId,
    id: string,
    change: { name: string | null; description: string | null },
  ): Promise<UserList | null | 'name_taken'> {
    try {
      const [row] = await this.db.query<ListRow>(
        `UPDATE user_list SET name = coalesce($3, name), description = coalesce($4, description)
         WHERE id = $1 AND project_id = $2 RETURNING ${COLUMNS}`,
        [id, projectId, change.name, change.description],
      );
      return row ? toList(row) : null;
    } catch (error) {
      if ((error as { code?: unknown }).code === '23505') return 'name_taken';
      throw error;
    }
  }

  async remove(projectId: ProjectId, id: string): Promise<boolean> {
    return (
      (await this.db.execute('DELETE FROM user_list WHERE id = $1 AND project_id = $2', [id, projectId])) ===
      1
    );
  }

  /** Segments that are not archived and whose present definition names the list. */
  segmentsWith(projectId: ProjectId, id: string): Promise<{ id: string; name: string }[]> {
    return this.db.query(
      `SELECT id, name FROM segment WHERE project_id = $1 AND state <> 'archived'
         AND jsonb_path_exists(definition, '$.** ? (@.list == $id)', jsonb_build_object('id', $2::text))
       ORDER BY id LIMIT 20`,
      [projectId, id],
    );
  }

  /** @returns null where somebody else changes the list, or there is none */
  async lease(
    projectId: ProjectId,
    id: string,
    { nowMs, leaseMs }: { nowMs: number; leaseMs: number },
  ): Promise<ListLease | null> {
    const [row] = await this.db.query<ListRow & { number: number }>(
      `UPDATE user_list SET last_number = last_number + 2, lease_number = last_number + 1, lease_until = $4
       WHERE id = $1 AND project_id = $2 AND (lease_until IS NULL OR lease_until < $3)
       RETURNING ${COLUMNS}, lease_number AS number`,
      [id, projectId, new Date(nowMs), new Date(nowMs + leaseMs)],
    );
    return row ? { list: toList(row), number: row.number } : null;
  }

  /** @returns false where the lease was lost */
  async renew({ list, number }: ListLease, untilMs: number): Promise<boolean> {
    const changed = await this.db.execute(
      'UPDATE user_list SET lease_until = $3 WHERE id = $1 AND lease_number = $2',
      [list.id, number, new Date(untilMs)],
    );
    return changed === 1;
  }

  /**
   * Makes a list of these uploads and ends the lease.
   * @param result null: what the last upload came to stays, and every identity was looked up
   * @returns null where the lease was lost
   */
  async finish(
    { list, number }: ListLease,
    change: {
      uploads: readonly number[];
      counts: ListCounts;
      result: UploadResult | null;
      isMatched: boolean;
    },
    nowMs: number,
  ): Promise<UserList | null> {
    const { counts } = change;
    const [row] = await this.db.query<ListRow>(
      `UPDATE user_list SET uploads = $3, entry_count = $4, unknown_count = $5, user_count = $6,
         last_upload = coalesce($7, last_upload), changed_at = $8, lease_number = NULL, lease_until = NULL,
         matched_at = CASE WHEN $9 THEN $8 ELSE matched_at END
       WHERE id = $1 AND lease_number = $2 RETURNING ${COLUMNS}`,
      [
        list.id,
        number,
        change.uploads,
        counts.entryCount,
        counts.unknownCount,
        counts.userCount,
        change.result && JSON.stringify(change.result),
        new Date(nowMs),
        change.isMatched,
      ],
    );
    return row ? toList(row) : null;
  }

  /** Ends the lease without a change. */
  async release({ list, number }: ListLease): Promise<void> {
    await this.db.execute(
      'UPDATE user_list SET lease_number = NULL, lease_until = NULL WHERE id = $1 AND lease_number = $2',
      [list.id, number],
    );
  }

  /** What later matches came to. */
  async setCounts(id: string, counts: ListCounts): Promise<void> {
    await this.db.execute(
      'UPDATE user_list SET entry_count = $2, unknown_count = $3, user_count = $4 WHERE id = $1',
      [id, counts.entryCount, counts.unknownCount, counts.userCount],
    );
  }

  /**
   * Lists whose identities were all looked up longest ago, before that moment; those with more unknown ones than a
   * query looks up itself, before the later moment.
   */
  async findUnmatched(
    { beforeMs, manyUnknown, manyBeforeMs }: { beforeMs: number; manyUnknown: number; manyBeforeMs: number },
    limit: number,
  ): Promise<UserList[]> {
    const rows = await this.db.query<ListRow>(
      `SELECT ${COLUMNS} FROM user_list WHERE matched_at < $1 OR (unknown_count > $2 AND matched_at < $3) ORDER BY matched_at LIMIT $4`,
      [new Date(beforeMs), manyUnknown, new Date(manyBeforeMs), limit],
    );
    return rows.map(toList);
  }

  /** Numbers of uploads whose rows are needed, by list: in force, under way, or in force until lately. */
  async findNeeded(sinceMs: number): Promise<Map<string, { uploads: number[]; isSettled: boolean }>> {
    const rows = await this.db.query<{ id: string; uploads: number[]; isSettled: boolean }>(
      `SELECT id, uploads, (lease_until IS NULL OR lease_until < $1) AND changed_at < $1 AS "isSettled" FROM user_list`,
      [new Date(sinceMs)],
    );
    return new Map(rows.map(({ id, ...needed }) => [id, needed]));
  }
}

function toList(row: ListRow): UserList {
  return {
    ...row,
    entryCount: Number(row.entryCount),
    unknownCount: Number(row.unknownCount),
    userCount: Number(row.userCount),
  };
}
