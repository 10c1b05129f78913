import { createClient } from '@clickhouse/client';
import type { Rekindle } from './rekindle.js';
import { clickhouseUrlOf } from './stores.js';

/** Events that a test sends arrive now; afterwards they are stored as if each had come when it happened. */
export async function pretendReceivedInTime(rekindle: Rekindle): Promise<void> {
  const client = createClient({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
  await client.command({
    query: 'ALTER TABLE event UPDATE received_at = time WHERE 1',
    clickhouse_settings: { mutations_sync: '1' },
  });
  await client.close();
}
