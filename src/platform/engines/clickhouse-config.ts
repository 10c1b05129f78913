import { createHash } from 'node:crypto';

export const CLICKHOUSE_USER = 'rekindle';

const MIB = 1024 * 1024;

/**
 * How much memory the embedded ClickHouse may take: two fifths of what there is, at least 512 MiB, at most 4 GiB.
 * Queries beyond it spill to disk or fail; the server stays.
 */
export function clickhouseMemoryLimit(machineBytes: number): number {
  return Math.round(Math.min(4096 * MIB, Math.max(512 * MIB, machineBytes * 0.4)));
}

/**
 * The server's configuration, without the system's log tables, which nothing asks for.
 *
 * The session that starts the server is the user `default`, without a password, and cannot be another. So that
 * nobody else can be it, requests are let in only with our own user's name and password; else every process of
 * the machine, and by it every web page in a browser, could read and write files through `file()`.
 */
export function clickhouseConfig(options: {
  password: string;
  usersPath: string;
  memoryBytes: number;
}): string {
  const basic = Buffer.from(`${CLICKHOUSE_USER}:${options.password}`).toString('base64');
  return `<clickhouse>
  <timezone>UTC</timezone>
  <users_config>${escapeXml(options.usersPath)}</users_config>
  <max_server_memory_usage>${options.memoryBytes}</max_server_memory_usage>
  <mark_cache_size>${64 * MIB}</mark_cache_size>
  <primary_index_cache_size>${64 * MIB}</primary_index_cache_size>
  <compiled_expression_cache_size>${16 * MIB}</compiled_expression_cache_size>
  <background_pool_size>2</background_pool_size>
  <keep_alive_timeout>3</keep_alive_timeout>
  <http_handlers>
    <rule>
      <url>/ping</url>
      <methods>GET,HEAD</methods>
      <handler><type>static</type><status>200</status><response_content>Ok.</response_content></handler>
    </rule>
    <rule>
      <headers><Authorization>Basic ${basic}</Authorization></headers>
      <handler><type>dynamic_query_handler</type><query_param_name>query</query_param_name></handler>
    </rule>
  </http_handlers>
</clickhouse>
`;
}

export function clickhouseUsers(password: string): string {
  const hash = createHash('sha256').update(password).digest('hex');
  const common = '<networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>';
  return `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default><password></password>${common}</default>
    <${CLICKHOUSE_USER}><password_sha256_hex>${hash}</password_sha256_hex>${common}</${CLICKHOUSE_USER}>
  </users>
</clickhouse>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
