import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import type { DeadReason } from '../../kernel/reasons.js';
import { KEPT_PAYLOAD_BYTES } from '../../kernel/refusal.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/db/database.js';
import { type DeadLetter, DeadLetters } from '../contract.js';
import { toStorable } from '../core/storable-text.js';
import type { StoredDeadLetter } from '../core/stored-dead-letter.js';

export interface DeadLetterFilter {
  reason: DeadReason | null;
  source: string | null;
  /** Text in the detail or the payload. */
  contains: string | null;
  receivedFrom: Date | null;
  receivedTo: Date | null;
}

export interface ReasonCount {
  reason: DeadReason;
  letters: number;
  /** Moments of receiving. */
  firstAt: Date;
  lastAt: Date;
}

const LETTERS_PER_INSERT = 100;
const MAX_DETAIL_LENGTH = 500;
const PREVIEW_BYTES = 2_048;
const COLUMNS = `id, received_at AS "receivedAt", source, reason, detail, octet_length(payload) AS "payloadBytes",
  ip, created_at AS "createdAt"`;

/** The letters of a project that a filter names; takes `toFilterValues`. */
const FILTER = `project_id = $1
  AND ($2::text IS NULL OR reason = $2)
  AND ($3::text IS NULL OR source = $3)
  AND ($4::text IS NULL OR position($4 IN detail) > 0 OR position(convert_to($4, 'UTF8') IN payload) > 0)
  AND ($5::timestamptz IS NULL OR received_at >= $5)
  AND ($6::timestamptz IS NULL OR received_at < $6)`;

function toFilterValues(projectId: ProjectId, filter: DeadLetterFilter): unknown[] {
  const { reason, source, contains, receivedFrom, receivedTo } = filter;
  return [projectId, reason, source, contains, receivedFrom, receivedTo];
}

@Injectable()
export class DeadLetterRepository extends DeadLetters {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  async store(batchId: number, letters: readonly DeadLetter[], firstPlace = 0): Promise<void> {
    for (let first = 0; first < letters.length; first += LETTERS_PER_INSERT) {
      await this.insert(batchId, firstPlace + first, letters.slice(first, first + LETTERS_PER_INSERT));
    }
  }

  /** Newest first, behind the id `before`. */
  list(
    projectId: ProjectId,
    filter: DeadLetterFilter,
    page: { before: string | null; limit: number },
  ): Promise<StoredDeadLetter[]> {
    return this.database.query<StoredDeadLetter>(
      `SELECT ${COLUMNS}, substring(payload FROM 1 FOR ${PREVIEW_BYTES}) AS payload
         FROM dead_letter
        WHERE ${FILTER} AND ($7::text IS NULL OR id < $7)
        ORDER BY id DESC
        LIMIT $8`,
      [...toFilterValues(projectId, filter), page.before, page.limit],
    );
  }

  /** Whole letters, oldest first, behind the id `after`: the order in which they are replayed. */
  listWhole(
    projectId: ProjectId,
    filter: DeadLetterFilter,
    page: { after: string | null; limit: number },
  ): Promise<StoredDeadLetter[]> {
    return this.database.query<StoredDeadLetter>(
      `SELECT ${COLUMNS}, payload
         FROM dead_letter
        WHERE ${FILTER} AND ($7::text IS NULL OR id > $7)
        ORDER BY id
        LIMIT $8`,
      [...toFilterValues(projectId, filter), page.after, page.limit],
    );
  }

  /** How many letters there are of each reason, the most first. */
  countReasons(projectId: ProjectId, filter: DeadLetterFilter): Promise<ReasonCount[]> {
    return this.database.query<ReasonCount>(
      `SELECT reason, count(*)::int AS letters, min(received_at) AS "firstAt", max(received_at) AS "lastAt"
         FROM dead_letter
        WHERE ${FILTER}
        GROUP BY reason
        ORDER BY letters DESC, reason`,
      toFilterValues(projectId, filter),
    );
  }

  async find(projectId: ProjectId, id: string): Promise<StoredDeadLetter | null> {
    const rows = await this.database.query<StoredDeadLetter>(
      `SELECT ${COLUMNS}, payload FROM dead_letter WHERE project_id = $1 AND id = $2`,
      [projectId, id],
    );
    return rows[0] ?? null;
  }

  async remove(projectId: ProjectId, id: string): Promise<boolean> {
    const sql = 'DELETE FROM dead_letter WHERE project_id = $1 AND id = $2';
    return (await this.database.execute(sql, [projectId, id])) > 0;
  }

  private async insert(batchId: number, firstOrdinal: number, letters: readonly DeadLetter[]): Promise<void> {
    const now = this.clock.now();
    await this.database.execute(
      `INSERT INTO dead_letter (id, project_id, batch_id, ordinal, received_at, source, reason, detail, payload, ip)
       SELECT id, project_id, $1, $2 + place - 1, received_at, source, reason, detail, payload, ip
         FROM unnest($3::text[], $4::int[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::bytea[],
                     $10::text[])
              WITH ORDINALITY AS letter (id, project_id, received_at, source, reason, detail, payload, ip, place)
       ON CONFLICT (batch_id, ordinal) DO NOTHING`,
      [
        batchId,
        firstOrdinal,
        // Of one moment, yet in order: by their ids letters are replayed.
        letters.map(() => newId('deadLetter', now)).sort(),
        letters.map(({ projectId }) => projectId),
        letters.map(({ receivedAt }) => new Date(receivedAt)),
        letters.map(({ source }) => source),
        letters.map(({ reason }) => reason),
        letters.map(({ detail }) => toStorable(detail, MAX_DETAIL_LENGTH)),
        letters.map(({ payload }) => payload.subarray(0, KEPT_PAYLOAD_BYTES)),
        letters.map(({ ip }) => ip),
      ],
    );
  }
}
