import { Injectable } from '@nestjs/common';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import type { CompiledSegment } from '../core/compile-segment.js';
import { type Forecast, type TableRows, toForecast } from '../core/forecast.js';

/** A forecast has to come fast or not at all. */
const TIMEOUT_MS = 2_000;

/** Tells what a query would read, by the indexes of the tables, without running it. */
@Injectable()
export class CostEstimator {
  constructor(private readonly clickhouse: ClickHouse) {}

  async estimate({ sql, params, settings }: CompiledSegment): Promise<Forecast> {
    const tables = await this.clickhouse.query<TableRows>(
      `SELECT table, sum(rows) AS rows FROM (EXPLAIN ESTIMATE\n${sql}\n) GROUP BY table ORDER BY rows DESC, table`,
      params,
      { timeoutMs: TIMEOUT_MS, ...(settings && { settings }) },
    );
    return toForecast(tables, params);
  }
}
