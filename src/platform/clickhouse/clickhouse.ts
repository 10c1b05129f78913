import { Readable } from 'node:stream';
import { type ClickHouseClient, createClient } from '@clickhouse/client';

export type QueryParams = Record<string, unknown>;

export interface QueryLimits {
  /** The server stops the query after this time. Default 60 s. */
  timeoutMs?: number;
  /** The server refuses to read more rows than this. */
  maxRowsToRead?: number;
  signal?: AbortSignal;
}

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
        max_execution_time: (limits.timeoutMs ?? 60_000) / 1000,
        cancel_http_readonly_queries_on_client_close: 1,
        ...(limits.maxRowsToRead === undefined ? {} : { max_rows_to_read: String(limits.maxRowsToRead) }),
      },
      ...(limits.signal ? { abort_signal: limits.signal } : {}),
    });
    return result.json<Row>();
  }

  async command(sql: string, params: QueryParams = {}): Promise<void> {
    await this.client.command({ query: sql, query_params: params });
  }

  /**
   * Inserts rows in one request.
   * @param lines rows as JSON, one a line
   * @param token an insert with a token seen before changes nothing; so a batch can be tried again
   */
  async insertLines(table: string, lines: string, token?: string): Promise<void> {
    await this.client.insert({
      table,
      values: Readable.from([lines], { objectMode: false }),
      format: 'JSONEachRow',
      clickhouse_settings: {
        date_time_input_format: 'best_effort',
        ...(token === undefined ? {} : { insert_deduplication_token: token }),
      },
    });
  }

  async ping(): Promise<boolean> {
    return (await this.client.ping()).success;
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
