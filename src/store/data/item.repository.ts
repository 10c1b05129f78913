import { Injectable } from '@nestjs/common';
import type { ItemRecord } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import { RowWriter } from '../../platform/clickhouse/row-writer.js';
import { Database, type Sql } from '../../platform/db/database.js';
import { ITEM_TABLE } from '../contract.js';

export interface Item {
  itemType: string;
  itemId: string;
  properties: JsonObject;
  updatedAt: Date;
}

export interface ItemType {
  itemType: string;
  itemCount: number;
  updatedAt: Date;
}

interface ChangedItem {
  projectId: ProjectId;
  itemType: string;
  itemId: string;
  properties: JsonObject;
  isDeleted: boolean;
  version: string;
}

const COLUMNS = 'item_type AS "itemType", item_id AS "itemId", properties, updated_at AS "updatedAt"';
/** What `toItemRows` writes. */
const ITEM_ROWS = `${ITEM_TABLE} (project_id, item_type, item_id, properties, version, is_deleted)`;
/** Batch number of what a person changes by the API. */
const NO_BATCH = 0;

@Injectable()
export class ItemRepository {
  constructor(
    private readonly db: Database,
    private readonly clickhouse: ClickHouse,
  ) {}

  /**
   * Changes items, at most one record for each.
   * @param batchId items that this batch or a later one changed before are left alone; null: changes all
   */
  async write(batchId: number | null, records: readonly ItemRecord[]): Promise<void> {
    await this.db.transaction((tx) => this.writeIn(tx, batchId ?? NO_BATCH, records));
  }

  /** Fails where `write` would, and changes nothing that a `write` with the same batch does not set right. */
  async tryWrite(batchId: number, records: readonly ItemRecord[]): Promise<void> {
    await this.db.trial((tx) => this.writeIn(tx, batchId, records));
  }

  async find(projectId: ProjectId, itemType: string, itemId: string): Promise<Item | null> {
    const rows = await this.db.query<Item>(
      `SELECT ${COLUMNS} FROM item WHERE project_id = $1 AND item_type = $2 AND item_id = $3 AND NOT is_deleted`,
      [projectId, itemType, itemId],
    );
    return rows[0] ?? null;
  }

  /** By id, behind the id `after`; `contains` is looked for in id and properties, whatever its case. */
  list(
    projectId: ProjectId,
    itemType: string,
    page: { contains: string | null; after: string | null; limit: number },
  ): Promise<Item[]> {
    return this.db.query<Item>(
      `SELECT ${COLUMNS} FROM item
       WHERE project_id = $1 AND item_type = $2 AND NOT is_deleted
         AND ($3::text IS NULL OR item_id > $3)
         AND ($4::text IS NULL OR position(lower($4) IN lower(item_id || ' ' || properties::text)) > 0)
       ORDER BY item_id LIMIT $5`,
      [projectId, itemType, page.after, page.contains, page.limit],
    );
  }

  /** By name, behind the type `after`. */
  listTypes(projectId: ProjectId, page: { after: string | null; limit: number }): Promise<ItemType[]> {
    return this.db.query<ItemType>(
      `SELECT item_type AS "itemType", count(*)::int AS "itemCount", max(updated_at) AS "updatedAt" FROM item
       WHERE project_id = $1 AND NOT is_deleted AND ($2::text IS NULL OR item_type > $2)
       GROUP BY item_type ORDER BY item_type LIMIT $3`,
      [projectId, page.after, page.limit],
    );
  }

  private async writeIn(tx: Sql, batchId: number, records: readonly ItemRecord[]): Promise<void> {
    const changed = await save(tx, batchId, records);
    // Before the commit: what is in PostgreSQL is then in ClickHouse too, and a failure leaves both as they were.
    if (changed.length > 0) await this.clickhouse.insertRows(ITEM_ROWS, toItemRows(changed));
  }

  async pruneDeleted(): Promise<void> {
    await this.db.execute(
      `DELETE FROM item WHERE is_deleted AND updated_at < now() - interval '1 day'
         AND NOT EXISTS (SELECT FROM journal_batch WHERE journal_batch.id = item.batch_id)`,
    );
  }
}

/** In the order of the key, so that two writers of the same items never wait for each other. */
function save(tx: Sql, batchId: number, records: readonly ItemRecord[]): Promise<ChangedItem[]> {
  return tx.query<ChangedItem>(
    `INSERT INTO item (project_id, item_type, item_id, properties, is_deleted, version, batch_id, updated_at)
     SELECT project_id, item_type, item_id, properties::jsonb, is_deleted, nextval('item_version_seq'), $6, now()
     FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::boolean[])
       AS changed (project_id, item_type, item_id, properties, is_deleted)
     ORDER BY project_id, item_type, item_id
     ON CONFLICT (project_id, item_type, item_id) DO UPDATE SET properties = excluded.properties,
       is_deleted = excluded.is_deleted, version = nextval('item_version_seq'),
       batch_id = greatest(item.batch_id, excluded.batch_id), updated_at = excluded.updated_at
     WHERE excluded.batch_id = ${NO_BATCH} OR item.batch_id < excluded.batch_id
     RETURNING project_id AS "projectId", item_type AS "itemType", item_id AS "itemId", properties,
       is_deleted AS "isDeleted", version`,
    [
      records.map(({ projectId }) => projectId),
      records.map(({ itemType }) => itemType),
      records.map(({ itemId }) => itemId),
      records.map(({ properties }) => JSON.stringify(properties)),
      records.map(({ type }) => type === 'item_delete'),
      batchId,
    ],
  );
}

function toItemRows(items: readonly ChangedItem[]): RowWriter {
  const rows = new RowWriter();
  for (const { projectId, itemType, itemId, properties, isDeleted, version } of items) {
    rows.uint32(projectId);
    rows.text(itemType);
    rows.text(itemId);
    rows.json(properties);
    rows.int64(Number(version));
    rows.uint8(isDeleted ? 1 : 0);
  }
  return rows;
}
