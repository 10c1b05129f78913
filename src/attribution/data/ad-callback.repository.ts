import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { AdEventType } from '../core/ad-event.js';
import type { CallbackRequest } from '../core/ad-network.js';
import type { DeviceId } from '../core/normalise-device-id.js';
import type { CallbackState, Settlement } from '../core/settle-callback.js';

/** A callback that this process may send now, with all that it tells. */
export interface ClaimedCallback {
  id: string;
  projectId: ProjectId;
  network: string;
  /** Tries, this one included. */
  attempts: number;
  conversionId: string;
  userId: UserId;
  eventType: AdEventType;
  occurredAt: number;
  amount: number | null;
  clickId: string;
  adLinkId: string;
  callbackParam: string | null;
  deviceIds: DeviceId[];
  os: 'android' | 'ios' | null;
}

export interface CallbackRow {
  id: string;
  conversionId: string;
  network: string;
  eventType: AdEventType;
  state: CallbackState;
  attempts: number;
  request: CallbackRequest | null;
  responseStatus: number | null;
  responseBody: string | null;
  error: string | null;
  nextAttemptAt: Date | null;
  createdAt: Date;
  finishedAt: Date | null;
}

/** What came back; null where nothing did. */
export interface KeptResponse {
  status: number;
  body: string;
}

const KEPT_BODY_CHARACTERS = 2_000;
const COLUMNS = `b.id, b.conversion_id AS "conversionId", b.network, v.event_type AS "eventType", b.state, b.attempts,
  b.request, b.response_status AS "responseStatus", b.response_body AS "responseBody", b.error,
  b.next_attempt_at AS "nextAttemptAt", b.created_at AS "createdAt", b.finished_at AS "finishedAt"`;

@Injectable()
export class AdCallbackRepository {
  constructor(private readonly db: Database) {}

  /**
   * Takes a callback that is due, or whose sender died, for as long as `leaseMs`.
   * @returns null where it is not due, settled, or in other hands
   */
  async claim(id: string, now: number, leaseMs: number): Promise<ClaimedCallback | null> {
    const [row] = await this.db.query<
      Omit<ClaimedCallback, 'userId' | 'occurredAt'> & { userId: string; occurredAt: Date }
    >(
      `UPDATE ad_callback b SET state = 'sending', attempts = b.attempts + 1, lease_until = $3, next_attempt_at = NULL
       FROM ad_conversion v, ad_click c
       WHERE b.id = $1 AND v.id = b.conversion_id AND c.id = v.ad_click_id
         AND ((b.state = 'queued' AND b.next_attempt_at <= $2) OR (b.state = 'sending' AND b.lease_until <= $2))
       RETURNING b.id, b.project_id AS "projectId", b.network, b.attempts, v.id AS "conversionId",
         v.user_id AS "userId", v.event_type AS "eventType", v.occurred_at AS "occurredAt", v.amount,
         c.id AS "clickId", c.ad_link_id AS "adLinkId", c.callback_param AS "callbackParam",
         c.device_ids AS "deviceIds", c.os`,
      [id, new Date(now), new Date(now + leaseMs)],
    );
    return row ? { ...row, userId: Number(row.userId), occurredAt: row.occurredAt.getTime() } : null;
  }

  /** Keeps what is about to be sent, before it is sent. */
  async keepRequest(id: string, request: CallbackRequest): Promise<void> {
    await this.db.execute('UPDATE ad_callback SET request = $2 WHERE id = $1', [id, JSON.stringify(request)]);
  }

  /** Ends the try of the one who holds the lease. @returns false where somebody else took over meanwhile */
  async settle(
    callback: Pick<ClaimedCallback, 'id' | 'attempts'>,
    settlement: Settlement,
    context: { response: KeptResponse | null; now: number },
  ): Promise<boolean> {
    const isQueued = settlement.state === 'queued';
    const changed = await this.db.execute(
      `UPDATE ad_callback SET state = $3, next_attempt_at = $4, lease_until = NULL, error = $5,
         response_status = $6, response_body = $7, finished_at = $8
       WHERE id = $1 AND attempts = $2 AND state = 'sending'`,
      [
        callback.id,
        callback.attempts,
        settlement.state,
        isQueued ? new Date(settlement.nextAttemptAt) : null,
        settlement.state === 'done' ? null : settlement.error,
        context.response?.status ?? null,
        context.response?.body.replaceAll('\u0000', '').slice(0, KEPT_BODY_CHARACTERS) ?? null,
        isQueued ? null : new Date(context.now),
      ],
    );
    return changed === 1;
  }

  /** Callbacks whose sender died, of networks that must not be told twice: their fate is not known. */
  giveUpOnLost(networks: readonly string[], now: number): Promise<number> {
    return this.db.execute(
      `UPDATE ad_callback SET state = 'unknown', lease_until = NULL, finished_at = $2,
         error = 'The process that sent it ended before the answer came.'
       WHERE state = 'sending' AND lease_until <= $2 AND network = ANY($1::text[])`,
      [networks, new Date(now)],
    );
  }

  /** Callbacks that are due since `graceMs`, and those whose sender died: their jobs may be lost. */
  async findOverdue(now: number, graceMs: number, limit: number): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>(
      `(SELECT id FROM ad_callback WHERE state = 'queued' AND next_attempt_at <= $2 ORDER BY next_attempt_at LIMIT $3)
       UNION ALL
       (SELECT id FROM ad_callback WHERE state = 'sending' AND lease_until <= $1 ORDER BY lease_until LIMIT $3)`,
      [new Date(now), new Date(now - graceMs), limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Queues a callback again that was given up. @returns false where it is in another state */
  async requeue(projectId: ProjectId, id: string, now: number): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE ad_callback SET state = 'queued', attempts = 0, next_attempt_at = $3, finished_at = NULL
       WHERE project_id = $1 AND id = $2 AND state IN ('failed', 'unknown')`,
      [projectId, id, new Date(now)],
    );
    return changed === 1;
  }

  async find(projectId: ProjectId, id: string): Promise<CallbackRow | null> {
    const [row] = await this.db.query<CallbackRow>(
      `SELECT ${COLUMNS} FROM ad_callback b JOIN ad_conversion v ON v.id = b.conversion_id
       WHERE b.project_id = $1 AND b.id = $2`,
      [projectId, id],
    );
    return row ?? null;
  }

  /** Newest first, behind the id `before`. */
  list(
    projectId: ProjectId,
    filter: { state: CallbackState | null; before: string | null; limit: number },
  ): Promise<CallbackRow[]> {
    return this.db.query<CallbackRow>(
      `SELECT ${COLUMNS} FROM ad_callback b JOIN ad_conversion v ON v.id = b.conversion_id
       WHERE b.project_id = $1 AND ($2::text IS NULL OR b.state = $2) AND ($3::text IS NULL OR b.id < $3)
       ORDER BY b.id DESC LIMIT $4`,
      [projectId, filter.state, filter.before, filter.limit],
    );
  }
}
