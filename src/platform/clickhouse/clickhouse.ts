import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client';
import { log } from '../log/log.js';
import type { RowWriter } from './row-writer.js';

export type QueryParams = Record<string, unknown>;

export interface QueryLimits {
  /** The server stops the query after this time. Default 60 s; none for `command`. */
  timeoutMs?: number;
  /** The server refuses to read more rows than this. */
  maxRowsToRead?: number;
  /** The server stops the query when it needs more memory than this. */
  maxMemoryBytes?: number;
  /** The server groups on disk what needs more memory than this. */
  spillBytes?: number;
  /** Further settings of the server. */
  settings?: Record<string, string | number> | undefined;
  signal?: AbortSignal;
}

/** Rows, and what it took to find them. */
export interface MeasuredRows<Row> {
  rows: Row[];
  rowsRead: number;
  bytesRead: number;
  elapsedMs: number;
}

/** What a statement took in the server. */
export interface StatementCost {
  rowsRead: number;
  bytesRead: number;
  peakMemoryBytes: number;
  elapsedMs: number;
}

/** Only a query that says it reads only ends when its client goes; 2 leaves it the other settings. */
const READ: ClickHouseSettings = { readonly: '2', cancel_http_readonly_queries_on_client_close: 1 };

/** ClickHouse over HTTP. Values are bound as `{name:Type}`; nothing is ever put into the text. */
export class ClickHouse {
  private readonly client: ClickHouseClient;

  constructor(options: {
    url: string;
    database: string;
    requestTimeoutMs?: number;
  }) {
    this.client = createClient({
      url: options.url,
      database: options.database,
      request_timeout: options.requestTimeoutMs ?? 120_000,
      max_open_connections: 16,
      application: 'rekindle',
      log: { level: ClickHouseLogLevel.OFF },
      clickhouse_settings: {
        output_format_json_quote_64bit_integers: 0,
        date_time_output_format: 'iso',
      },
    });
  }

  async query<Row>(sql: string, params: QueryParams = {}, limits: QueryLimits = {}): Promise<Row[]> {
    const result = await this.client.query({
      query: sql,
      query_params: params,
      format: 'JSONEachRow',
      clickhouse_settings: {
        ...READ,
        ...toSettings({ timeoutMs: 60_000, ...limits }),
      },
      ...(limits.signal ? { abort_signal: limits.signal } : {}),
    });
    return result.json<Row>();
  }

  /** The answer to a statement as it is sent, without a format behind it: tab-separated. */
  async ask(sql: string, params: QueryParams = {}, limits: QueryLimits = {}): Promise<string> {
    const { stream } = await this.client.exec({
      query: sql,
      query_params: params,
      clickhouse_settings: { ...READ, ...toSettings({ timeoutMs: 60_000, ...limits }) },
      ...(limits.signal ? { abort_signal: limits.signal } : {}),
    });
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString();
  }

  /** Like `query`, and tells what the server had to read for the answer. */
  async queryMeasured<Row>(
    sql: string,
    params: QueryParams = {},
    limits: QueryLimits = {},
  ): Promise<MeasuredRows<Row>> {
    const result = await this.client.query({
      query: sql,
      query_params: params,
      format: 'JSON',
      clickhouse_settings: {
        ...READ,
        ...toSettings({ timeoutMs: 60_000, ...limits }),
      },
      ...(limits.signal ? { abort_signal: limits.signal } : {}),
    });
    const { data, statistics } = await result.json<Row>();
    return {
      rows: data,
      rowsRead: statistics?.rows_read ?? 0,
      bytesRead: statistics?.bytes_read ?? 0,
      elapsedMs: Math.round((statistics?.elapsed ?? 0) * 1000),
    };
  }

  async command(sql: string, params: QueryParams = {}, limits: QueryLimits = {}): Promise<void> {
    await this.client.command({
      query: sql,
      query_params: params,
      clickhouse_settings: toSettings(limits),
      ...(limits.signal ? { abort_signal: limits.signal } : {}),
    });
  }

  /** Like `command`, and tells what it took. When the signal fires the server ends it too: a closed connection does not. */
  async commandMeasured(
    sql: string,
    params: QueryParams,
    limits: QueryLimits & { signal: AbortSignal },
  ): Promise<StatementCost> {
    const { signal } = limits;
    const queryId = randomUUID();
    const kill = () => void this.kill(queryId);
    signal.addEventListener('abort', kill, { once: true });
    try {
      const { summary } = await this.client.command({
        query: sql,
        query_id: queryId,
        query_params: params,
        // Without waiting the server sends its summary before it knows it.
        clickhouse_settings: { ...toSettings(limits), wait_end_of_query: 1 },
        abort_signal: signal,
      });
      // The client's type lacks what the server has told since version 25.
      const told = summary as Record<string, string | undefined> | undefined;
      return {
        rowsRead: Number(told?.['read_rows'] ?? 0),
        bytesRead: Number(told?.['read_bytes'] ?? 0),
        peakMemoryBytes: Number(told?.['memory_usage'] ?? 0),
        elapsedMs: Math.round(Number(told?.['elapsed_ns'] ?? 0) / 1e6),
      };
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }

  private async kill(queryId: string): Promise<void> {
    try {
      await this.command('KILL QUERY WHERE query_id = {id:String} ASYNC', { id: queryId });
    } catch (error) {
      log.warn({ err: error, queryId }, 'a cancelled statement could not be ended and runs on to its limit');
    }
  }

  /**
   * The rows of a query as the bytes of a format. They begin to come when the server has all of them,
   * so that an error that comes late fails the call instead of cutting the bytes short.
   */
  async stream(
    sql: string,
    format: 'RowBinary' | 'CSV' | 'CSVWithNames' | 'JSONEachRow' | 'Parquet',
    params: QueryParams = {},
    limits: QueryLimits = {},
  ): Promise<Readable> {
    const { stream } = await this.client.exec({
      query: `${sql}\nFORMAT ${format}`,
      query_params: params,
      clickhouse_settings: {
        ...READ,
        wait_end_of_query: 1,
        ...toSettings({ timeoutMs: 60_000, ...limits }),
      },
      ...(limits.signal ? { abort_signal: limits.signal } : {}),
    });
    return stream;
  }

  /** Inserts what a `RowWriter` wrote, whose memory goes to the next one then; see `insertBytes`. */
  async insertRows(target: string, rows: RowWriter, token?: string): Promise<void> {
    await this.insertBytes(target, rows.toBuffer(), token);
    // Where it failed, the connection may hold on to what it has not sent yet.
    rows.release();
  }

  /**
   * Inserts rows in one request.
   * @param target table and columns in the order in which the rows were written, such as `event (project_id, event)`;
   *   never from outside
   * @param rows in the format RowBinary
   * @param token an insert with a token seen before changes nothing; so a batch can be tried again
   */
  async insertBytes(target: string, rows: Uint8Array, token?: string): Promise<void> {
    const answer = await this.client.exec({
      query: `INSERT INTO ${target} FORMAT RowBinary`,
      values: Readable.from([Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength)], {
        objectMode: false,
      }),
      clickhouse_settings: {
        // History comes by the year, and a partition is a month.
        max_partitions_per_insert_block: '0',
        ...(token === undefined ? {} : { insert_deduplication_token: token }),
      },
    });
    for await (const _ of answer.stream) {
      // An insert answers nothing, but the connection is free only when that was read.
    }
  }

  /** Inserts what a stream in the format RowBinary brings: `sql` ends with a SELECT from `input(…)`. */
  async insertFrom(sql: string, rows: Readable, params: QueryParams = {}): Promise<void> {
    const answer = await this.client.exec({
      query: `${sql}\nFORMAT RowBinary`,
      query_params: params,
      values: rows,
    });
    for await (const _ of answer.stream) {
      // As for `insertBytes`.
    }
  }

  async ping(): Promise<boolean> {
    return (await this.client.ping()).success;
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

function toSettings({
  timeoutMs,
  maxRowsToRead,
  maxMemoryBytes,
  spillBytes,
  settings,
}: QueryLimits): ClickHouseSettings {
  return {
    ...(timeoutMs === undefined ? {} : { max_execution_time: timeoutMs / 1000 }),
    ...(maxRowsToRead === undefined ? {} : { max_rows_to_read: String(maxRowsToRead) }),
    ...(maxMemoryBytes === undefined ? {} : { max_memory_usage: String(maxMemoryBytes) }),
    ...(spillBytes === undefined ? {} : { max_bytes_before_external_group_by: String(spillBytes) }),
    ...settings,
  };
}
