import { ClickHouseError } from '@clickhouse/client';
import { QueryFailedError } from 'typeorm';

/**
 * Codes with which ClickHouse says that it cannot do its work now, or that its tables are not as they should be: the
 * same rows pass later. Source: ClickHouse 26.x, `src/Common/ErrorCodes.cpp`.
 */
const CLICKHOUSE_AWAY: ReadonlySet<string> = new Set([
  // Tables, columns or functions are missing: a migration is.
  ...['16', '46', '47', '60', '62', '81'],
  // Files, memory and space.
  ...['74', '75', '76', '107', '173', '241', '243', '252', '425', '439', '499'],
  // Time, connections, quotas and rights.
  ...['159', '160', '164', '198', '201', '202', '203', '209', '210', '236', '279', '394', '497', '516'],
  // Replicas.
  ...['225', '242', '285', '286', '319', '999'],
]);

/** Classes of PostgreSQL's SQLSTATE for what is wrong with the data: data exception, integrity, limits. */
const POSTGRES_REFUSED = /^(22|23|54)/;

/**
 * Whether a failure means that a store or the network is away, so that the same work may pass later. Else what the work
 * was given is refused, or a bug of ours met it: then it fails each time.
 */
export function isStoreAway(error: unknown): boolean {
  if (error instanceof ClickHouseError) return CLICKHOUSE_AWAY.has(error.code);
  if (error instanceof QueryFailedError) {
    const { code } = error.driverError as { code?: unknown };
    return typeof code !== 'string' || !POSTGRES_REFUSED.test(code);
  }
  return !isBug(error);
}

/** Errors that the language throws; the ones with a cause come from the network. */
function isBug(error: unknown): boolean {
  const isOurs =
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    error instanceof ReferenceError;
  return isOurs && error.cause === undefined;
}
