import { Injectable } from '@nestjs/common';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import type { CompiledSegment } from '../core/compile-segment.js';
import { type Forecast, readEstimate, toForecast } from '../core/forecast.js';

/** A forecast has to come fast or not at all. */
const TIMEOUT_MS = 2_000;

/** Tells what a query would read, by the indexes of the tables, without running it. */
@Injectable()
export class CostEstimator {
  constructor(private readonly clickhouse: ClickHouse) {}

  async estimate({ sql, params, settings }: CompiledSegment): Promise<Forecast> {
    // Not inside a SELECT: that is not among what may only read, as SQL of people has to.
    const answer = await this.clickhouse.ask(`EXPLAIN ESTIMATE\n${sql}`, params, {
      timeoutMs: TIMEOUT_MS,
      ...(settings && { settings }),
    });
    return toForecast(readEstimate(answer), params);
  }
}
