import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import { Secrets } from '../../platform/secrets/secrets.js';
import type { DerivedDefinition, DeriveStep } from '../core/enrich/derive.js';

const PURPOSE = 'derived-property-key';
const COLUMNS = `id, project_id AS "projectId", scope, source, target, steps, position,
  created_at AS "createdAt", updated_at AS "updatedAt"`;

export interface DerivedPropertyInput extends DerivedDefinition {
  /** Smaller is earlier; the older one first where two are the same. */
  position: number;
}

/** A definition as it is stored: the keys of its steps are sealed. */
export interface DerivedPropertyRow extends DerivedPropertyInput {
  id: string;
  projectId: ProjectId;
  createdAt: Date;
  updatedAt: Date;
}

@Injectable()
export class DerivedPropertyRepository {
  constructor(
    private readonly db: Database,
    private readonly secrets: Secrets,
  ) {}

  /** Of these projects, in the order in which they are applied. */
  list(projectIds: readonly ProjectId[]): Promise<DerivedPropertyRow[]> {
    return this.db.query(
      `SELECT ${COLUMNS} FROM derived_property WHERE project_id = ANY($1::integer[]) ORDER BY position, id`,
      [projectIds],
    );
  }

  async find(projectId: ProjectId, id: string): Promise<DerivedPropertyRow | null> {
    const [row] = await this.db.query<DerivedPropertyRow>(
      `SELECT ${COLUMNS} FROM derived_property WHERE project_id = $1 AND id = $2`,
      [projectId, id],
    );
    return row ?? null;
  }

  /** @returns null where the project has a definition of this target, or as many as it may have */
  async insert(
    projectId: ProjectId,
    input: DerivedPropertyInput,
    { now, limit }: { now: Date; limit: number },
  ): Promise<DerivedPropertyRow | null> {
    const [row] = await this.db.query<DerivedPropertyRow>(
      `INSERT INTO derived_property (id, project_id, scope, source, target, steps, position, created_at, updated_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $8
       WHERE (SELECT count(*) FROM derived_property WHERE project_id = $2) < $9
       ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
      [newId('derivedProperty'), projectId, ...this.values(input), now, limit],
    );
    return row ?? null;
  }

  /** @returns null where there is none, `taken` where another definition has the target */
  async replace(
    projectId: ProjectId,
    id: string,
    { input, now }: { input: DerivedPropertyInput; now: Date },
  ): Promise<DerivedPropertyRow | 'taken' | null> {
    return this.db.transaction(async (tx) => {
      const [other] = await tx.query<{ id: string }>(
        'SELECT id FROM derived_property WHERE project_id = $1 AND scope = $2 AND target = $3 AND id <> $4',
        [projectId, input.scope, input.target, id],
      );
      if (other) return 'taken';
      const [row] = await tx.query<DerivedPropertyRow>(
        `UPDATE derived_property SET scope = $3, source = $4, target = $5, steps = $6, position = $7, updated_at = $8
         WHERE project_id = $2 AND id = $1 RETURNING ${COLUMNS}`,
        [id, projectId, ...this.values(input), now],
      );
      return row ?? null;
    });
  }

  async remove(projectId: ProjectId, id: string): Promise<boolean> {
    const removed = await this.db.execute('DELETE FROM derived_property WHERE project_id = $1 AND id = $2', [
      projectId,
      id,
    ]);
    return removed === 1;
  }

  /** @throws where a key was sealed with another secret key of the service */
  unseal(steps: readonly DeriveStep[]): DeriveStep[] {
    return withKeys(steps, (key) => this.secrets.decrypt(PURPOSE, key));
  }

  private values({ scope, source, target, steps, position }: DerivedPropertyInput): unknown[] {
    const sealed = withKeys(steps, (key) => this.secrets.encrypt(PURPOSE, key));
    return [scope, source, target, JSON.stringify(sealed), position];
  }
}

function withKeys(steps: readonly DeriveStep[], change: (key: string) => string): DeriveStep[] {
  return steps.map((step) => (step.op === 'decrypt' ? { ...step, secretKey: change(step.secretKey) } : step));
}
