import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { FileFault, ModelShape } from '../core/check-onnx.js';

export const FILE_STATES = ['checking', 'ready', 'refused'] as const;

/** A file of a model that was brought along. It never changes; a newer one takes its place. */
export interface ModelFile {
  id: string;
  modelId: string;
  projectId: ProjectId;
  sha256: string;
  sizeBytes: number;
  /** No event at or after it was among the training data; null where nobody said so. */
  trainedUntil: Date | null;
  state: (typeof FILE_STATES)[number];
  /** How often a worker began to check it. */
  tries: number;
  faults: FileFault[] | null;
  shape: ModelShape | null;
  createdAt: Date;
  checkedAt: Date | null;
}

const COLUMNS = `id, model_id AS "modelId", project_id AS "projectId", sha256, size_bytes AS "sizeBytes",
  trained_until AS "trainedUntil", state, tries, faults, shape, created_at AS "createdAt", checked_at AS "checkedAt"`;

/** So that no statement holds the whole of a large file as text. */
const PART_BYTES = 1024 * 1024;
/** Files of one model whose bytes are kept: a run reads its file once, at its beginning. */
const KEPT_FILES = 3;

/**
 * Files of models, in the database: every worker has to reach them, whichever machine it runs on, and a backup of the
 * state has to have them.
 */
@Injectable()
export class ModelFileRepository {
  constructor(private readonly db: Database) {}

  insert(
    file: Pick<ModelFile, 'id' | 'modelId' | 'projectId' | 'sha256' | 'trainedUntil' | 'createdAt'>,
    bytes: Buffer,
  ): Promise<void> {
    return this.db.transaction(async (tx) => {
      await tx.execute(
        `INSERT INTO churn_model_file (id, model_id, project_id, sha256, size_bytes, trained_until, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'checking', $7)`,
        [
          file.id,
          file.modelId,
          file.projectId,
          file.sha256,
          bytes.byteLength,
          file.trainedUntil,
          file.createdAt,
        ],
      );
      for (let part = 0; part * PART_BYTES < bytes.byteLength; part++) {
        await tx.execute('INSERT INTO churn_model_file_part (file_id, part, bytes) VALUES ($1, $2, $3)', [
          file.id,
          part,
          bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
        ]);
      }
    });
  }

  async readBytes(id: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (;;) {
      const [row] = await this.db.query<{ bytes: Buffer }>(
        'SELECT bytes FROM churn_model_file_part WHERE file_id = $1 AND part = $2',
        [id, parts.length],
      );
      if (!row) return Buffer.concat(parts);
      parts.push(row.bytes);
    }
  }

  async find(modelId: string, id: string): Promise<ModelFile | null> {
    const [row] = await this.db.query<ModelFile>(
      `SELECT ${COLUMNS} FROM churn_model_file WHERE id = $1 AND model_id = $2`,
      [id, modelId],
    );
    return row ?? null;
  }

  /** The newest file; of those that can be used where `state` says so. */
  async findNewest(modelId: string, state: 'ready' | null = null): Promise<ModelFile | null> {
    const [row] = await this.db.query<ModelFile>(
      `SELECT ${COLUMNS} FROM churn_model_file
       WHERE model_id = $1 AND ($2::text IS NULL OR state = $2) ORDER BY id DESC LIMIT 1`,
      [modelId, state],
    );
    return row ?? null;
  }

  list(modelId: string, before: string | null, limit: number): Promise<ModelFile[]> {
    return this.db.query(
      `SELECT ${COLUMNS} FROM churn_model_file
       WHERE model_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [modelId, before, limit],
    );
  }

  /** Counts one more try at a file that is not checked yet; null where it is. */
  async beginCheck(id: string): Promise<ModelFile | null> {
    const [row] = await this.db.query<ModelFile>(
      `UPDATE churn_model_file SET tries = tries + 1 WHERE id = $1 AND state = 'checking' RETURNING ${COLUMNS}`,
      [id],
    );
    return row ?? null;
  }

  /** Keeps what came of the check, and lets go the bytes that nobody needs any more. */
  settle(
    file: ModelFile,
    found: { faults: FileFault[]; shape: ModelShape | null },
    now: Date,
  ): Promise<void> {
    return this.db.transaction(async (tx) => {
      await tx.execute(
        `UPDATE churn_model_file SET state = $2, faults = $3, shape = $4, checked_at = $5
         WHERE id = $1 AND state = 'checking'`,
        [
          file.id,
          found.faults.length === 0 ? 'ready' : 'refused',
          JSON.stringify(found.faults),
          found.shape && JSON.stringify(found.shape),
          now,
        ],
      );
      await tx.execute(
        `DELETE FROM churn_model_file_part WHERE file_id IN (
           SELECT id FROM churn_model_file WHERE model_id = $1 AND state = 'refused'
           UNION ALL
           (SELECT id FROM churn_model_file WHERE model_id = $1 AND state = 'ready' ORDER BY id DESC OFFSET $2))`,
        [file.modelId, KEPT_FILES],
      );
    });
  }

  /** Files that wait for their check: their job may be lost. */
  findUnchecked(before: Date): Promise<{ id: string; tries: number }[]> {
    return this.db.query(
      `SELECT id, tries FROM churn_model_file WHERE state = 'checking' AND created_at < $1 ORDER BY created_at LIMIT 100`,
      [before],
    );
  }
}
