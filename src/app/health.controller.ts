import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ClickHouse } from '../platform/clickhouse/clickhouse.js';
import { Database } from '../platform/db/database.js';
import { Access } from '../platform/http-server/access.js';
import { METRICS_CONTENT_TYPE, renderMetrics } from '../platform/metrics/metrics.js';
import { IngestThread } from './ingest-thread.js';

const HEALTH = z.object({
  status: z.enum(['ok', 'down']),
  checks: z.record(z.string(), z.enum(['ok', 'down'])),
});
const CHECK_TIMEOUT_MS = 3_000;

@Controller()
@ApiTags('Operations')
export class HealthController {
  constructor(
    private readonly db: Database,
    private readonly clickhouse: ClickHouse,
    private readonly ingest: IngestThread,
  ) {}

  @Get('health/live')
  @Access('public')
  @ApiOperation({ summary: 'The process runs' })
  @ApiOkResponse({ standardSchema: HEALTH })
  live() {
    return { status: 'ok', checks: {} };
  }

  @Get('health/ready')
  @Access('public')
  @ApiOperation({ summary: 'The process and its stores can serve' })
  @ApiOkResponse({ standardSchema: HEALTH })
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const [postgres, clickhouse] = await Promise.all([
      check(this.db.query('SELECT 1').then(() => true)),
      check(this.clickhouse.ping()),
    ]);
    const isUp = postgres === 'ok' && clickhouse === 'ok';
    if (!isUp) void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: isUp ? 'ok' : 'down', checks: { postgres, clickhouse } };
  }

  @Get('metrics')
  @Access('public')
  @Header('content-type', METRICS_CONTENT_TYPE)
  @ApiExcludeEndpoint()
  async metrics(): Promise<string> {
    return renderMetrics(await this.ingest.metrics());
  }
}

async function check(answer: Promise<boolean>): Promise<'ok' | 'down'> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), CHECK_TIMEOUT_MS).unref());
  return (await Promise.race([answer.catch(() => false), late])) ? 'ok' : 'down';
}
