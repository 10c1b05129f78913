import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { ClickHouse, type MeasuredRows } from '../platform/clickhouse/clickhouse.js';
import { Config } from '../platform/config/config.js';
import { Problem } from '../platform/http-server/problem.js';
import type { CompiledQuery } from './core/event-sql.js';
import { QUERY_PROBLEMS } from './http/query.problems.js';
import { QuerySlots } from './query-slots.js';

/** All projects together leave most connections to ClickHouse to what stores events. */
const MAX_RUNNING = 6;
const MAX_WAITING = 20;
const MAX_WAIT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;

/** Puts a question to ClickHouse, within the limits. */
export type Ask = <Row>(query: CompiledQuery, timeoutMs?: number) => Promise<MeasuredRows<Row>>;

/** Runs the questions of users to ClickHouse within limits of time, rows, memory and number. */
@Injectable()
export class QueryRunner {
  private readonly slots: QuerySlots;

  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly config: Config,
  ) {
    const perProject = config.get('QUERY_CONCURRENCY');
    this.slots = new QuerySlots({ perProject, total: MAX_RUNNING, waiting: MAX_WAITING });
  }

  /**
   * Does some work in one of the project's slots; its questions end when the client is gone.
   * @throws Problem where no slot comes free, and where a limit is exceeded
   */
  async run<T>(projectId: ProjectId, client: AbortSignal, work: (ask: Ask) => Promise<T>): Promise<T> {
    const release = await this.slots.take(
      projectId,
      AbortSignal.any([client, AbortSignal.timeout(MAX_WAIT_MS)]),
    );
    if (!release) throw client.aborted ? cancelled() : busy();
    try {
      return await work((query, timeoutMs) => this.ask(query, client, timeoutMs));
    } catch (error) {
      throw this.explain(error, client);
    } finally {
      release();
    }
  }

  private ask<Row>({ sql, params }: CompiledQuery, signal: AbortSignal, timeoutMs?: number) {
    const most = this.config.get('QUERY_TIMEOUT_MS');
    return this.clickhouse.queryMeasured<Row>(sql, params, {
      timeoutMs: Math.min(timeoutMs ?? most, most),
      maxRowsToRead: this.config.get('QUERY_MAX_ROWS'),
      maxMemoryBytes: this.config.get('QUERY_MAX_MEMORY_BYTES'),
      signal,
    });
  }

  /** ClickHouse's names of errors. Source: ClickHouse, src/Common/ErrorCodes.cpp. */
  private explain(error: unknown, client: AbortSignal): unknown {
    if (client.aborted) return cancelled();
    switch ((error as { type?: unknown } | null)?.type) {
      case 'TIMEOUT_EXCEEDED':
      case 'TOO_SLOW':
        return new Problem(
          QUERY_PROBLEMS.tooSlow,
          `The query took longer than ${this.config.get('QUERY_TIMEOUT_MS')} ms: shorten its range, or name fewer events.`,
        );
      case 'TOO_MANY_ROWS':
        return new Problem(
          QUERY_PROBLEMS.tooManyRows,
          `The query would read more than ${this.config.get('QUERY_MAX_ROWS')} rows: shorten its range, or name fewer events.`,
        );
      case 'MEMORY_LIMIT_EXCEEDED':
        return new Problem(
          QUERY_PROBLEMS.tooMuchMemory,
          'The query needed more memory than it may: shorten its range, name fewer events, or group by what has fewer values.',
        );
      default:
        return error;
    }
  }
}

function cancelled(): Problem {
  return new Problem(QUERY_PROBLEMS.cancelled, 'The client closed the connection before the answer.');
}

function busy(): Problem {
  return new Problem(
    QUERY_PROBLEMS.tooManyQueries,
    'Other queries are still running: ask again in a few seconds, or ask fewer at once.',
    [],
    RETRY_AFTER_SECONDS,
  );
}
