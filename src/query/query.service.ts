import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { RequestProject } from '../platform/http-server/access.js';
import { PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { type CountsRow, compileCounts, countsHold } from './core/compile-counts.js';
import { compileEvents, type EventsRow } from './core/compile-events.js';
import { compileFunnel, type FunnelRow, shapeFunnel } from './core/compile-funnel.js';
import { compileRetention, type RetentionRow, readRetention } from './core/compile-retention.js';
import type { CompiledQuery } from './core/event-sql.js';
import { checkEventsQuery, type EventsQuery } from './core/events-query.js';
import type { FieldIssue } from './core/field-issue.js';
import { type FunnelQuery, windowOf } from './core/funnel-query.js';
import { type NamedThing, namedInEvents, namedInFunnel, namedInRetention } from './core/named-things.js';
import { checkRetention, planRetention, type RetentionQuery } from './core/retention-query.js';
import { tabulateRetention } from './core/retention-table.js';
import { shapeEvents } from './core/shape-events.js';
import { bucketStarts } from './core/time-buckets.js';
import { type At, checkSpan, resolveRange } from './core/time-range.js';
import { NameWarnings } from './name-warnings.js';
import { type Ask, QueryRunner } from './query-runner.js';

/** What one query found, and what it was. */
type Found<Row> = CompiledQuery & { rows: Row[]; rowsRead: number; elapsedMs: number };

/** Answers questions about events: each is checked, compiled to one query, run within limits, and put into shape. */
@Injectable()
export class QueryService {
  constructor(
    private readonly clock: Clock,
    private readonly runner: QueryRunner,
    private readonly warnings: NameWarnings,
  ) {}

  async events(project: RequestProject, query: EventsQuery, client: AbortSignal) {
    const at = this.at(project);
    const span = resolveRange(query.range, at);
    refuse(checkEventsQuery(query, span));
    const starts = query.bucket ? bucketStarts(query.bucket, span, at.timeZone) : null;
    const plan = { projectId: project.id, span, starts };
    const counts = compileCounts(query, plan, at.nowMs);
    const { rows, facts } = await this.run<EventsRow>(project, namedInEvents(query), client, async (ask) => {
      const counted = counts && (await answer<CountsRow>(ask, counts));
      return counted && countsHold(counted.rows, plan) ? counted : answer(ask, compileEvents(query, plan));
    });
    return { ...shapeEvents(query, starts, rows), ...facts, span };
  }

  async funnel(project: RequestProject, query: FunnelQuery, client: AbortSignal) {
    const at = this.at(project);
    const span = resolveRange(query.range, at);
    refuse(checkSpan(span));
    const compiled = compileFunnel(query, { projectId: project.id, span });
    const { rows, facts } = await this.run<FunnelRow>(project, namedInFunnel(query), client, (ask) =>
      answer(ask, compiled),
    );
    const isComplete = span.toMs + windowOf(query) <= at.nowMs;
    return { ...shapeFunnel(query, rows), isComplete, ...facts, span };
  }

  async retention(project: RequestProject, query: RetentionQuery, client: AbortSignal) {
    const at = this.at(project);
    const span = resolveRange(query.range, at);
    refuse(checkRetention(query, span, at.nowMs));
    const plan = planRetention(query, span, at);
    const compiled = compileRetention(query, { projectId: project.id, plan });
    const { rows, facts } = await this.run<RetentionRow>(project, namedInRetention(query), client, (ask) =>
      answer(ask, compiled),
    );
    return { ...tabulateRetention(query, plan, readRetention(rows, plan)), ...facts, span };
  }

  /** Puts a question and, beside it, checks its names. */
  private run<Row>(
    project: RequestProject,
    named: readonly NamedThing[],
    client: AbortSignal,
    find: (ask: Ask) => Promise<Found<Row>>,
  ) {
    return this.runner.run(project.id, client, async (ask) => {
      const [{ rows, ...facts }, warnings] = await Promise.all([
        find(ask),
        this.warnings.find(project.id, named, ask),
      ]);
      return { rows, facts: { ...facts, warnings } };
    });
  }

  private at({ timeZone }: RequestProject): At {
    return { nowMs: this.clock.now(), timeZone };
  }
}

export type EventsAnswer = Awaited<ReturnType<QueryService['events']>>;
export type FunnelAnswer = Awaited<ReturnType<QueryService['funnel']>>;
export type RetentionAnswer = Awaited<ReturnType<QueryService['retention']>>;

async function answer<Row>(ask: Ask, compiled: CompiledQuery): Promise<Found<Row>> {
  const { rows, rowsRead, elapsedMs } = await ask<Row>(compiled);
  return { rows, rowsRead, elapsedMs, ...compiled };
}

function refuse(issues: readonly FieldIssue[]): void {
  if (issues.length === 0) return;
  throw new Problem(PROBLEMS.invalidRequest, issues.map(({ detail }) => detail).join(' '), issues);
}
