import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import type { KeyKind } from '../core/encryption/key-ring.js';
import type { KeyState } from './encryption-key.entity.js';

/** A key without its secret. */
export interface EncryptionKey {
  id: string;
  kind: KeyKind;
  version: number;
  state: KeyState;
  publicKey: string | null;
  createdAt: Date;
  retiredAt: Date | null;
}

/** A key that can decrypt. */
export interface SealedKey {
  id: string;
  projectId: ProjectId;
  kind: KeyKind;
  version: number;
  secret: string;
}

export interface NewKey {
  id: string;
  projectId: ProjectId;
  kind: KeyKind;
  /** Null: one more than any that the project ever had. */
  version: number | null;
  publicKey: string | null;
  secret: string;
  createdAt: Date;
}

const COLUMNS = `id, kind, version, state, public_key AS "publicKey", created_at AS "createdAt",
  retired_at AS "retiredAt"`;

@Injectable()
export class EncryptionKeyRepository {
  constructor(private readonly db: Database) {}

  /** Newest first. */
  list(projectId: ProjectId): Promise<EncryptionKey[]> {
    return this.db.query(
      `SELECT ${COLUMNS} FROM encryption_key
        WHERE project_id = $1 AND state <> 'deleted' ORDER BY created_at DESC, id DESC`,
      [projectId],
    );
  }

  async find(projectId: ProjectId, id: string): Promise<EncryptionKey | null> {
    const [row] = await this.db.query<EncryptionKey>(
      `SELECT ${COLUMNS} FROM encryption_key WHERE project_id = $1 AND id = $2 AND state <> 'deleted'`,
      [projectId, id],
    );
    return row ?? null;
  }

  /** The newest active key of each kind that has a public half. */
  listPublished(projectId: ProjectId): Promise<EncryptionKey[]> {
    return this.db.query(
      `SELECT DISTINCT ON (kind) ${COLUMNS} FROM encryption_key
        WHERE project_id = $1 AND state = 'active' AND public_key IS NOT NULL ORDER BY kind, version DESC`,
      [projectId],
    );
  }

  /** The secrets of these projects, of active and retired keys. */
  listSealed(projectIds: readonly ProjectId[]): Promise<SealedKey[]> {
    return this.db.query(
      `SELECT id, project_id AS "projectId", kind, version, secret FROM encryption_key
        WHERE project_id = ANY ($1) AND state <> 'deleted'`,
      [projectIds],
    );
  }

  async findSecret(projectId: ProjectId, id: string): Promise<string | null> {
    const [row] = await this.db.query<{ secret: string }>(
      `SELECT secret FROM encryption_key WHERE project_id = $1 AND id = $2 AND state <> 'deleted'`,
      [projectId, id],
    );
    return row?.secret ?? null;
  }

  /**
   * Adds a key, and retires the one that it takes the place of.
   * @returns null where the project has a key of this kind and version
   */
  insert(key: NewKey, replacedId: string | null): Promise<EncryptionKey | null> {
    return this.db.transaction(async (tx) => {
      const [row] = await tx.query<EncryptionKey>(
        `INSERT INTO encryption_key (id, project_id, kind, version, state, public_key, secret, created_at)
         SELECT $1, $2, $3,
                coalesce($4::integer, (SELECT coalesce(max(version), 0) + 1 FROM encryption_key WHERE project_id = $2)),
                'active', $5, $6, $7
         ON CONFLICT ON CONSTRAINT encryption_key_version_key DO UPDATE
            SET id = excluded.id, state = 'active', public_key = excluded.public_key, secret = excluded.secret,
                created_at = excluded.created_at, retired_at = NULL
          WHERE encryption_key.state = 'deleted'
         RETURNING ${COLUMNS}`,
        [key.id, key.projectId, key.kind, key.version, key.publicKey, key.secret, key.createdAt],
      );
      if (row && replacedId !== null) {
        const sql = `UPDATE encryption_key SET state = 'retired', retired_at = $3
                      WHERE project_id = $1 AND id = $2 AND state = 'active'`;
        await tx.execute(sql, [key.projectId, replacedId, key.createdAt]);
      }
      return row ?? null;
    });
  }

  async retire(projectId: ProjectId, id: string, at: Date): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE encryption_key SET state = 'retired', retired_at = $3
        WHERE project_id = $1 AND id = $2 AND state = 'active'`,
      [projectId, id, at],
    );
    return changed === 1;
  }

  /** Destroys the secret; the number stays taken for keys that are made here. */
  async remove(projectId: ProjectId, id: string): Promise<boolean> {
    const changed = await this.db.execute(
      `UPDATE encryption_key SET state = 'deleted', secret = '' WHERE project_id = $1 AND id = $2 AND state <> 'deleted'`,
      [projectId, id],
    );
    return changed === 1;
  }
}
