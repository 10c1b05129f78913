import { Injectable } from '@nestjs/common';
import type { Json } from '../../kernel/json.js';
import { Database } from '../../platform/db/database.js';

export interface IdempotencyId {
  keyId: string;
  idempotencyKey: string;
}

export interface KeptAnswer {
  status: number;
  body: Json;
}

/** How long an unfinished claim blocks its key, and how long an answer is kept. */
const CLAIM_TIMEOUT = '2 minutes';
const KEPT_FOR = '24 hours';

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly db: Database) {}

  /** Takes the key for this request, or tells what became of the request that has it. */
  async claim(
    id: IdempotencyId,
    requestHash: string,
  ): Promise<'claimed' | { requestHash: string; answer: KeptAnswer | null }> {
    await this.db.execute(
      `DELETE FROM idempotency_key WHERE key_id = $1 AND idempotency_key = $2
         AND (created_at < now() - interval '${KEPT_FOR}' OR (status IS NULL AND created_at < now() - interval '${CLAIM_TIMEOUT}'))`,
      [id.keyId, id.idempotencyKey],
    );
    const claimed = await this.db.execute(
      'INSERT INTO idempotency_key (key_id, idempotency_key, request_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [id.keyId, id.idempotencyKey, requestHash],
    );
    if (claimed === 1) return 'claimed';
    const [row] = await this.db.query<{ requestHash: string; status: number | null; answer: Json }>(
      'SELECT request_hash AS "requestHash", status, answer FROM idempotency_key WHERE key_id = $1 AND idempotency_key = $2',
      [id.keyId, id.idempotencyKey],
    );
    if (!row) return this.claim(id, requestHash);
    return {
      requestHash: row.requestHash,
      answer: row.status === null ? null : { status: row.status, body: row.answer },
    };
  }

  async settle(id: IdempotencyId, answer: KeptAnswer): Promise<void> {
    await this.db.execute(
      'UPDATE idempotency_key SET status = $3, answer = $4 WHERE key_id = $1 AND idempotency_key = $2',
      [id.keyId, id.idempotencyKey, answer.status, JSON.stringify(answer.body)],
    );
  }

  /** A failed request leaves no answer behind: the caller may correct it and use the key again. */
  async release(id: IdempotencyId): Promise<void> {
    await this.db.execute('DELETE FROM idempotency_key WHERE key_id = $1 AND idempotency_key = $2', [
      id.keyId,
      id.idempotencyKey,
    ]);
  }

  async prune(): Promise<void> {
    await this.db.execute(`DELETE FROM idempotency_key WHERE created_at < now() - interval '${KEPT_FOR}'`);
  }
}
