import { Injectable } from '@nestjs/common';
import type { UserId } from '../../kernel/ids.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import { RowWriter } from '../../platform/clickhouse/row-writer.js';
import { Database } from '../../platform/db/database.js';
import type { Merge, Split } from '../contract.js';
import { PersonDictionary } from './person-dictionary.js';

/** Tells ClickHouse who merged persons are now. */
@Injectable()
export class PersonAliasRepository {
  constructor(
    private readonly db: Database,
    private readonly clickhouse: ClickHouse,
    private readonly dictionary: PersonDictionary,
  ) {}

  /** Later batches win. A person who was split off is named as itself. */
  async publish(batchId: number, merges: readonly Merge[], splits: readonly Split[]): Promise<void> {
    const restored = splits.map((split) => split.restored);
    const targets: UserId[] = [...new Set([...merges.map(({ into }) => into), ...restored])];
    if (targets.length === 0) return;
    const rows = await this.db.query<{ id: string; canonical: string }>(
      'SELECT id, coalesce(merged_into, id) AS canonical FROM person WHERE merged_into = ANY($1) OR id = ANY($2)',
      [targets, restored],
    );
    if (rows.length === 0) return;
    const writer = new RowWriter();
    for (const row of rows) {
      writer.int64(Number(row.id));
      writer.int64(Number(row.canonical));
      writer.int64(batchId);
    }
    await this.clickhouse.insertRows('person_alias (person_id, canonical, version)', writer);
    this.dictionary.refresh();
  }
}
