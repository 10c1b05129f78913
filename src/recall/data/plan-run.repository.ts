import { Injectable } from '@nestjs/common';
import { newId, type ProjectId, type UserId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/db/database.js';
import { NO_COUNTS, type PlanCounts, type PlanRunState } from '../core/plan-counts.js';

export interface PlanRun {
  id: string;
  campaignId: string;
  projectId: ProjectId;
  segmentRunId: string;
  state: PlanRunState;
  counts: PlanCounts;
  lastUserId: UserId;
  error: string | null;
  startedAt: Date;
  finishedAt: Date | null;
  leaseUntil: Date | null;
}

const COLUMNS = `id, campaign_id AS "campaignId", project_id AS "projectId", segment_run_id AS "segmentRunId",
  state, counts, last_user_id AS "lastUserId", error, started_at AS "startedAt", finished_at AS "finishedAt",
  lease_until AS "leaseUntil"`;

/**
 * Longer than a page of members takes; the lease is renewed with every page. Should it run out, two workers plan
 * the same page, the ledger keeps one of each message, and the slower worker stops at its checkpoint.
 */
const LEASE_MS = 30_000;

@Injectable()
export class PlanRunRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Makes the run of a campaign over a run of its segment, or finds the one that is there. */
  async start(campaignId: string, projectId: ProjectId, segmentRunId: string): Promise<PlanRun> {
    const now = this.clock.now();
    const rows = await this.db.query<PlanRun>(
      `WITH made AS (
         INSERT INTO plan_run (id, campaign_id, project_id, segment_run_id, state, counts, last_user_id, started_at)
         VALUES ($1, $2, $3, $4, 'planning', $5, 0, $6)
         ON CONFLICT (campaign_id, segment_run_id) DO NOTHING RETURNING *
       )
       SELECT ${COLUMNS} FROM made
       UNION ALL SELECT ${COLUMNS} FROM plan_run WHERE campaign_id = $2 AND segment_run_id = $4`,
      [newId('planRun', now), campaignId, projectId, segmentRunId, JSON.stringify(NO_COUNTS), new Date(now)],
    );
    const [run] = rows.map(toPlanRun);
    // Made by another process between the two halves of the statement: it is there now.
    return run ?? this.start(campaignId, projectId, segmentRunId);
  }

  /** Takes a run for this worker; null where it is finished or another one has it. */
  async lease(id: string): Promise<PlanRun | null> {
    const now = this.clock.now();
    const rows = await this.db.query<PlanRun>(
      `UPDATE plan_run SET lease_until = $3
       WHERE id = $1 AND state = 'planning' AND (lease_until IS NULL OR lease_until < $2) RETURNING ${COLUMNS}`,
      [id, new Date(now), new Date(now + LEASE_MS)],
    );
    return rows.map(toPlanRun)[0] ?? null;
  }

  /** Notes a page as planned and renews the lease; null where the run was taken by another worker. */
  async checkpoint(run: PlanRun, page: { counts: PlanCounts; lastUserId: UserId }): Promise<PlanRun | null> {
    const rows = await this.db.query<PlanRun>(
      `UPDATE plan_run SET counts = $3, last_user_id = $4, lease_until = $5
       WHERE id = $1 AND lease_until = $2 AND state = 'planning' RETURNING ${COLUMNS}`,
      [
        run.id,
        run.leaseUntil,
        JSON.stringify(page.counts),
        page.lastUserId,
        // Never the same moment twice: the lease is also the token of its holder.
        new Date(Math.max(this.clock.now() + LEASE_MS, (run.leaseUntil?.getTime() ?? 0) + 1)),
      ],
    );
    return rows.map(toPlanRun)[0] ?? null;
  }

  /** Gives the run back for a later worker. */
  async release(run: PlanRun): Promise<void> {
    await this.db.execute('UPDATE plan_run SET lease_until = NULL WHERE id = $1 AND lease_until = $2', [
      run.id,
      run.leaseUntil,
    ]);
  }

  /** Ends the run, and with it a campaign that is sent once. */
  async finish(run: PlanRun): Promise<void> {
    const now = new Date(this.clock.now());
    await this.db.transaction(async (tx) => {
      const finished = await tx.execute(
        `UPDATE plan_run SET state = 'done', finished_at = $3, lease_until = NULL
         WHERE id = $1 AND lease_until = $2`,
        [run.id, run.leaseUntil, now],
      );
      if (finished === 0) return;
      await tx.execute(
        `UPDATE campaign SET state = 'completed', updated_at = $2
         WHERE id = $1 AND schedule = 'once' AND state IN ('active', 'paused')`,
        [run.campaignId, now],
      );
    });
  }

  async fail(id: string, error: string): Promise<void> {
    await this.db.execute(
      `UPDATE plan_run SET state = 'failed', error = $2, finished_at = $3, lease_until = NULL
       WHERE id = $1 AND state = 'planning'`,
      [id, error, new Date(this.clock.now())],
    );
  }

  async failOfCampaign(campaignId: string, error: string): Promise<void> {
    await this.db.execute(
      `UPDATE plan_run SET state = 'failed', error = $2, finished_at = $3, lease_until = NULL
       WHERE campaign_id = $1 AND state = 'planning'`,
      [campaignId, error, new Date(this.clock.now())],
    );
  }

  /** Runs that nobody works on although their campaign is active: their job was lost, or their worker died. */
  findLost(limit: number): Promise<{ id: string }[]> {
    return this.db.query(
      `SELECT plan_run.id FROM plan_run JOIN campaign ON campaign.id = plan_run.campaign_id
       WHERE plan_run.state = 'planning' AND campaign.state = 'active'
         AND (plan_run.lease_until IS NULL OR plan_run.lease_until < $1)
       ORDER BY plan_run.id LIMIT $2`,
      [new Date(this.clock.now()), limit],
    );
  }

  async findPlanning(campaignId: string): Promise<{ id: string }[]> {
    return this.db.query(`SELECT id FROM plan_run WHERE campaign_id = $1 AND state = 'planning'`, [
      campaignId,
    ]);
  }

  async exists(campaignId: string, segmentRunId: string): Promise<boolean> {
    const rows = await this.db.query(
      'SELECT 1 FROM plan_run WHERE campaign_id = $1 AND segment_run_id = $2',
      [campaignId, segmentRunId],
    );
    return rows.length > 0;
  }

  async list(campaignId: string, before: string | null, limit: number): Promise<PlanRun[]> {
    const rows = await this.db.query<PlanRun>(
      `SELECT ${COLUMNS} FROM plan_run WHERE campaign_id = $1 AND ($2::text IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [campaignId, before, limit],
    );
    return rows.map(toPlanRun);
  }

  /**
   * Lets users enter a campaign again who entered it no later than `notSince`, and notes their entry.
   * Asking again for the same segment run lets the same users in.
   * @returns those who may enter
   */
  async enter(
    run: PlanRun,
    userIds: readonly UserId[],
    moment: { now: number; notSince: number },
  ): Promise<Set<UserId>> {
    const rows = await this.db.query<{ userId: string }>(
      `INSERT INTO campaign_entry (campaign_id, user_id, segment_run_id, entered_at)
       SELECT $1::text, entrant, $3::text, $4::timestamptz FROM unnest($2::bigint[]) AS entrant
       ON CONFLICT (campaign_id, user_id) DO UPDATE SET segment_run_id = $3, entered_at =
         CASE WHEN campaign_entry.segment_run_id = $3 THEN campaign_entry.entered_at ELSE excluded.entered_at END
       WHERE campaign_entry.segment_run_id = $3 OR campaign_entry.entered_at <= $5
       RETURNING user_id AS "userId"`,
      [run.campaignId, userIds, run.segmentRunId, new Date(moment.now), new Date(moment.notSince)],
    );
    return new Set(rows.map(({ userId }) => Number(userId)));
  }
}

function toPlanRun(row: PlanRun): PlanRun {
  return { ...row, lastUserId: Number(row.lastUserId) };
}
