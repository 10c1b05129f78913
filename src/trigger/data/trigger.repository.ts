import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database, type Sql } from '../../platform/db/database.js';
import type { TriggerRule, TriggerVersion } from '../core/rule.js';
import type { TriggerState } from '../core/settle-timer.js';

/** A trigger with its newest rule. */
export interface TriggerRow {
  id: string;
  projectId: ProjectId;
  name: string;
  rule: TriggerRule;
  version: number;
  state: TriggerState;
  createdAt: Date;
  updatedAt: Date;
}

export interface TriggerChange {
  name?: string | undefined;
  rule?: TriggerRule | undefined;
  state?: TriggerState | undefined;
}

/**
 * A superseded version's timers wait at most as long as its `unless` says, and a backlog of events may be as old
 * as this on top.
 */
const BACKLOG_ALLOWANCE = '7 days';
const LONGEST_WAIT = '90 days';

const TRIGGER = `t.id, t.project_id AS "projectId", t.name, v.rule, t.version, t.state,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt"`;
const FROM_TRIGGER = 'trigger t JOIN trigger_version v ON v.trigger_id = t.id AND v.version = t.version';

/** Triggers and the versions of their rules. */
@Injectable()
export class TriggerRepository {
  constructor(private readonly db: Database) {}

  async insert(trigger: TriggerRow): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.execute(
        `INSERT INTO trigger (id, project_id, name, version, state, revision, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, 1, $6, $7)`,
        [
          trigger.id,
          trigger.projectId,
          trigger.name,
          trigger.version,
          trigger.state,
          trigger.createdAt,
          trigger.updatedAt,
        ],
      );
      await insertVersion(tx, trigger);
    });
  }

  /**
   * Changes a trigger while nobody else does.
   * @param change says what to change after seeing the present row; null for nothing
   * @returns the row as it is now; null where there is no such trigger
   */
  async update(
    id: { projectId: ProjectId; triggerId: string },
    at: Date,
    change: (row: TriggerRow) => TriggerChange | null,
  ): Promise<TriggerRow | null> {
    return this.db.transaction(async (tx) => {
      const [row] = await tx.query<TriggerRow>(
        `SELECT ${TRIGGER} FROM ${FROM_TRIGGER} WHERE t.id = $1 AND t.project_id = $2 FOR UPDATE OF t`,
        [id.triggerId, id.projectId],
      );
      const wanted = row && change(row);
      if (!row || !wanted) return row ?? null;
      const next: TriggerRow = {
        ...row,
        name: wanted.name ?? row.name,
        rule: wanted.rule ?? row.rule,
        state: wanted.state ?? row.state,
        version: wanted.rule ? row.version + 1 : row.version,
        updatedAt: at,
      };
      await tx.execute(
        `UPDATE trigger SET name = $2, version = $3, state = $4, updated_at = $5, revision = revision + 1
         WHERE id = $1`,
        [next.id, next.name, next.version, next.state, at],
      );
      if (wanted.rule) {
        await tx.execute(
          'UPDATE trigger_version SET superseded_at = $3 WHERE trigger_id = $1 AND version = $2',
          [row.id, row.version, at],
        );
        await insertVersion(tx, next);
      }
      return next;
    });
  }

  async find(projectId: ProjectId, triggerId: string): Promise<TriggerRow | null> {
    const rows = await this.db.query<TriggerRow>(
      `SELECT ${TRIGGER} FROM ${FROM_TRIGGER} WHERE t.id = $1 AND t.project_id = $2`,
      [triggerId, projectId],
    );
    return rows[0] ?? null;
  }

  /** Newest first, behind `before`. */
  list(
    projectId: ProjectId,
    page: { state: TriggerState | null; before: string | null; limit: number },
  ): Promise<TriggerRow[]> {
    return this.db.query(
      `SELECT ${TRIGGER} FROM ${FROM_TRIGGER}
       WHERE t.project_id = $1 AND ($2::text IS NULL OR t.state = $2) AND ($3::text IS NULL OR t.id < $3)
       ORDER BY t.id DESC LIMIT $4`,
      [projectId, page.state, page.before, page.limit],
    );
  }

  /** Differs whenever any trigger was written: every write raises one row's revision, and no row is deleted. */
  async fingerprint(): Promise<string> {
    const [row] = await this.db.query<{ fingerprint: string }>(
      `SELECT count(*) || ' ' || coalesce(sum(revision), 0) AS fingerprint FROM trigger`,
    );
    return row?.fingerprint ?? '';
  }

  /** Versions that events can concern: current ones, and paused or older ones whose timers may still wait. */
  liveVersions(): Promise<TriggerVersion[]> {
    return this.db.query(
      `SELECT t.id AS "triggerId", v.version, t.project_id AS "projectId", t.name, v.rule,
         (t.state = 'active' AND v.version = t.version) AS "isCurrent"
       FROM trigger t JOIN trigger_version v ON v.trigger_id = t.id
       WHERE t.state <> 'archived'
         AND (v.superseded_at IS NULL
           OR v.superseded_at > now() - interval '${LONGEST_WAIT}' - interval '${BACKLOG_ALLOWANCE}')
       ORDER BY t.id, v.version`,
    );
  }

  /** Every type of action in a rule that may still fire. */
  async actionTypesInUse(): Promise<{ type: string; triggerId: string }[]> {
    return this.db.query(
      `SELECT action ->> 'type' AS type, min(t.id) AS "triggerId"
       FROM trigger t JOIN trigger_version v ON v.trigger_id = t.id, jsonb_array_elements(v.rule -> 'actions') action
       WHERE t.state <> 'archived' AND (v.version = t.version OR EXISTS (
         SELECT 1 FROM trigger_timer w
         WHERE w.trigger_id = t.id AND w.trigger_version = v.version AND w.settled_at IS NULL))
       GROUP BY 1`,
    );
  }
}

async function insertVersion(tx: Sql, trigger: TriggerRow): Promise<void> {
  await tx.execute(
    'INSERT INTO trigger_version (trigger_id, version, rule, created_at) VALUES ($1, $2, $3, $4)',
    [trigger.id, trigger.version, JSON.stringify(trigger.rule), trigger.updatedAt],
  );
}
