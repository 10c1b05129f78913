import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import type { BlockReason } from '../../kernel/reasons.js';
import { Database, type Sql } from '../../platform/db/database.js';
import { type BlockKind, type BlockRule, blockKeysOf, type Recipient } from '../core/decide-suppression.js';
import { toMs, toTimestamp } from './to-records.js';

/** A blocklist entry with its history; times are ms since 1970. */
export interface BlocklistEntry extends BlockRule {
  note: string;
  createdBy: string;
  createdAt: number;
  removedBy: string | null;
}

interface EntryRow {
  id: string;
  channel: string;
  kind: BlockKind;
  value: string;
  reason: BlockReason;
  note: string;
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
  removed_at: Date | null;
  removed_by: string | null;
}

export interface BlocklistFilter {
  channel: string | null;
  kind: BlockKind | null;
  reason: BlockReason | null;
  /** Part of the value. */
  search: string | null;
  includeRemoved: boolean;
}

const COLUMNS = `id, channel, kind, value, reason, note, created_by, created_at, expires_at, removed_at, removed_by`;

@Injectable()
export class BlocklistRepository {
  constructor(private readonly db: Database) {}

  /** Entries, not removed, that could concern one of the recipients. */
  async findFor(
    projectId: ProjectId,
    recipients: readonly Recipient[],
    sql: Sql = this.db,
  ): Promise<BlocklistEntry[]> {
    const keys = recipients.flatMap(blockKeysOf);
    if (keys.length === 0) return [];
    const rows = await sql.query<EntryRow>(
      `SELECT ${COLUMNS} FROM blocklist_entry
       WHERE project_id = $1 AND removed_at IS NULL
         AND (kind, value) IN (SELECT kind, value FROM unnest($2::text[], $3::text[]) AS k(kind, value))
       ORDER BY id`,
      [projectId, keys.map((key) => key.kind), keys.map((key) => key.value)],
    );
    return rows.map(toEntry);
  }

  /** The entry, not removed, for exactly this value, locked; also one that has expired. */
  async lockActive(
    tx: Sql,
    projectId: ProjectId,
    key: { channel: string; kind: BlockKind; value: string },
  ): Promise<BlocklistEntry | null> {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `blocklist ${projectId} ${key.channel} ${key.kind} ${key.value}`,
    ]);
    const [row] = await tx.query<EntryRow>(
      `SELECT ${COLUMNS} FROM blocklist_entry
       WHERE project_id = $1 AND channel = $2 AND kind = $3 AND value = $4 AND removed_at IS NULL FOR UPDATE`,
      [projectId, key.channel, key.kind, key.value],
    );
    return row ? toEntry(row) : null;
  }

  async insert(tx: Sql, projectId: ProjectId, entry: BlocklistEntry): Promise<void> {
    await tx.execute(
      `INSERT INTO blocklist_entry (id, project_id, channel, kind, value, reason, note, created_by, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        entry.id,
        projectId,
        entry.channel,
        entry.kind,
        entry.value,
        entry.reason,
        entry.note,
        entry.createdBy,
        toTimestamp(entry.createdAt),
        entry.expiresAt === null ? null : toTimestamp(entry.expiresAt),
      ],
    );
  }

  /** @returns whether there was such an entry that was not removed */
  async remove(
    projectId: ProjectId,
    removal: { id: string; by: string; at: number },
    sql: Sql = this.db,
  ): Promise<boolean> {
    const count = await sql.execute(
      `UPDATE blocklist_entry SET removed_at = $3, removed_by = $4
       WHERE project_id = $1 AND id = $2 AND removed_at IS NULL`,
      [projectId, removal.id, toTimestamp(removal.at), removal.by],
    );
    return count > 0;
  }

  /** Newest first, behind the entry `before`. */
  async list(
    projectId: ProjectId,
    filter: BlocklistFilter,
    page: { limit: number; before: string | null },
  ): Promise<BlocklistEntry[]> {
    const rows = await this.db.query<EntryRow>(
      `SELECT ${COLUMNS} FROM blocklist_entry
       WHERE project_id = $1 AND ($2::text IS NULL OR channel = $2) AND ($3::text IS NULL OR kind = $3)
         AND ($4::text IS NULL OR reason = $4) AND ($5::text IS NULL OR strpos(value, lower($5)) > 0)
         AND ($6 OR removed_at IS NULL) AND ($7::text IS NULL OR id < $7)
       ORDER BY id DESC LIMIT $8`,
      [
        projectId,
        filter.channel,
        filter.kind,
        filter.reason,
        filter.search,
        filter.includeRemoved,
        page.before,
        page.limit,
      ],
    );
    return rows.map(toEntry);
  }
}

function toEntry(row: EntryRow): BlocklistEntry {
  return {
    id: row.id,
    channel: row.channel,
    kind: row.kind,
    value: row.value,
    reason: row.reason,
    note: row.note,
    createdBy: row.created_by,
    createdAt: toMs(row.created_at),
    expiresAt: toMs(row.expires_at),
    removedAt: toMs(row.removed_at),
    removedBy: row.removed_by,
  };
}
