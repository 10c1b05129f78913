import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/db/database.js';
import type { Campaign, CampaignSettings } from '../core/campaign.js';
import type { CampaignState } from '../core/campaign-state.js';

type Row = Omit<Campaign, 'sendAt' | 'createdAt' | 'updatedAt' | 'activatedAt'> &
  Record<'createdAt' | 'updatedAt', Date> &
  Record<'sendAt' | 'activatedAt', Date | null>;

const COLUMNS = `id, project_id AS "projectId", name, segment_id AS "segmentId", template_id AS "templateId",
  channel, state, schedule, send_at AS "sendAt", reentry, frequency_cap AS "frequencyCap",
  control_percent AS "controlPercent", return_window_hours AS "returnWindowHours", send_window AS "sendWindow",
  sender, variables, requested_run_id AS "requestedRunId", created_at AS "createdAt", updated_at AS "updatedAt",
  activated_at AS "activatedAt"`;

@Injectable()
export class CampaignRepository {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async insert(projectId: ProjectId, settings: CampaignSettings): Promise<Campaign> {
    const now = this.clock.now();
    const rows = await this.db.query<Row>(
      `INSERT INTO campaign (id, project_id, state, created_at, updated_at, name, segment_id, template_id, channel,
         schedule, send_at, reentry, frequency_cap, control_percent, return_window_hours, send_window, sender, variables)
       VALUES ($1, $2, 'draft', $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
       RETURNING ${COLUMNS}`,
      [newId('campaign', now), projectId, new Date(now), ...toValues(settings)],
    );
    return one(rows);
  }

  /** @returns null where the campaign is no longer in that state */
  async update(campaign: Campaign, settings: CampaignSettings): Promise<Campaign | null> {
    const rows = await this.db.query<Row>(
      `UPDATE campaign SET updated_at = $3, name = $4, segment_id = $5, template_id = $6, channel = $7, schedule = $8,
         send_at = $9, reentry = $10, frequency_cap = $11, control_percent = $12, return_window_hours = $13,
         send_window = $14, sender = $15, variables = $16
       WHERE id = $1 AND state = $2 RETURNING ${COLUMNS}`,
      [campaign.id, campaign.state, new Date(this.clock.now()), ...toValues(settings)],
    );
    return rows.map(toCampaign)[0] ?? null;
  }

  /** @returns null where the campaign is no longer in the state `from` */
  async move(id: string, from: CampaignState, to: CampaignState): Promise<Campaign | null> {
    const now = new Date(this.clock.now());
    const rows = await this.db.query<Row>(
      `UPDATE campaign SET state = $3, updated_at = $4,
         activated_at = CASE WHEN $3 = 'active' THEN coalesce(activated_at, $4) ELSE activated_at END
       WHERE id = $1 AND state = $2 RETURNING ${COLUMNS}`,
      [id, from, to, now],
    );
    return rows.map(toCampaign)[0] ?? null;
  }

  async find(projectId: ProjectId, id: string): Promise<Campaign | null> {
    const rows = await this.db.query<Row>(
      `SELECT ${COLUMNS} FROM campaign WHERE project_id = $1 AND id = $2`,
      [projectId, id],
    );
    return rows.map(toCampaign)[0] ?? null;
  }

  async findMany(ids: readonly string[]): Promise<Map<string, Campaign>> {
    if (ids.length === 0) return new Map();
    const rows = await this.db.query<Row>(`SELECT ${COLUMNS} FROM campaign WHERE id = ANY($1)`, [ids]);
    return new Map(rows.map((row) => [row.id, toCampaign(row)]));
  }

  async list(projectId: ProjectId, before: string | null, limit: number): Promise<Campaign[]> {
    const rows = await this.db.query<Row>(
      `SELECT ${COLUMNS} FROM campaign WHERE project_id = $1 AND ($2::text IS NULL OR id < $2)
       ORDER BY id DESC LIMIT $3`,
      [projectId, before, limit],
    );
    return rows.map(toCampaign);
  }

  /** Active campaigns that have to be planned on this run: they follow the segment, or asked for it. */
  async findFollowing(run: { projectId: ProjectId; segmentId: string; runId: string }): Promise<Campaign[]> {
    const rows = await this.db.query<Row>(
      `SELECT ${COLUMNS} FROM campaign WHERE project_id = $1 AND segment_id = $2 AND state = 'active'
         AND (schedule = 'on_segment_run' OR requested_run_id = $3)`,
      [run.projectId, run.segmentId, run.runId],
    );
    return rows.map(toCampaign);
  }

  async setRequestedRun(id: string, runId: string): Promise<void> {
    await this.db.execute('UPDATE campaign SET requested_run_id = $2, requested_at = $3 WHERE id = $1', [
      id,
      runId,
      new Date(this.clock.now()),
    ]);
  }

  /**
   * Active campaigns whose moment has come and that have not been planned.
   * @param askedBefore a run asked for since then is waited for, ms since 1970
   */
  async findDue(askedBefore: number, limit: number): Promise<Campaign[]> {
    const rows = await this.db.query<Row>(
      `SELECT ${COLUMNS} FROM campaign WHERE state = 'active' AND schedule = 'once' AND send_at <= $1
         AND (requested_at IS NULL OR requested_at < $2)
         AND NOT EXISTS (SELECT 1 FROM plan_run WHERE plan_run.campaign_id = campaign.id)
       ORDER BY send_at LIMIT $3`,
      [new Date(this.clock.now()), new Date(askedBefore), limit],
    );
    return rows.map(toCampaign);
  }

  /** A page of all active campaigns, in order of their ids. */
  async findActive(after: string, limit: number): Promise<Campaign[]> {
    const rows = await this.db.query<Row>(
      `SELECT ${COLUMNS} FROM campaign WHERE state = 'active' AND id > $1 ORDER BY id LIMIT $2`,
      [after, limit],
    );
    return rows.map(toCampaign);
  }
}

/** In the order of the columns in `insert` and `update`. */
function toValues(settings: CampaignSettings): unknown[] {
  return [
    settings.name,
    settings.segmentId,
    settings.templateId,
    settings.channel,
    settings.schedule,
    settings.sendAt === null ? null : new Date(settings.sendAt),
    JSON.stringify(settings.reentry),
    settings.frequencyCap === null ? null : JSON.stringify(settings.frequencyCap),
    settings.controlPercent,
    settings.returnWindowHours,
    settings.sendWindow === null ? null : JSON.stringify(settings.sendWindow),
    settings.sender,
    JSON.stringify(settings.variables),
  ];
}

function toCampaign(row: Row): Campaign {
  return {
    ...row,
    sendAt: row.sendAt?.getTime() ?? null,
    createdAt: row.createdAt.getTime(),
    updatedAt: row.updatedAt.getTime(),
    activatedAt: row.activatedAt?.getTime() ?? null,
  };
}

function one(rows: readonly Row[]): Campaign {
  const [row] = rows;
  if (!row) throw new Error('A campaign was not written.');
  return toCampaign(row);
}
