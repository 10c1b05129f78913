import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import type { CatalogueKey } from './core/catalogue-key.js';
import {
  compileSampleParts,
  compileSeenEvents,
  compileSeenPersons,
  compileSeenProperties,
  type EventRow,
  type PropertyRow,
  SAMPLE_EVENTS,
} from './core/compile-catalogue.js';
import { DAY_MS } from './core/event-projections.js';
import type { Span } from './core/time-range.js';
import { type NameWarning, NameWarnings } from './name-warnings.js';
import { QueryRunner } from './query-runner.js';

export interface CatalogueWish {
  days: number;
  search: string;
  after: CatalogueKey | null;
  limit: number;
}

interface Seen<Row> {
  rows: Row[];
  span: Span;
  rowsRead: number;
  elapsedMs: number;
}

/** An event that was seen, with its persons. */
export type SeenEvent = EventRow & { persons: number };

/** What events and properties there are, as projections and a bounded look into the latest events tell. */
@Injectable()
export class CatalogueService {
  constructor(
    private readonly clock: Clock,
    private readonly runner: QueryRunner,
    private readonly warnings: NameWarnings,
  ) {}

  events(projectId: ProjectId, wish: CatalogueWish, client: AbortSignal): Promise<Seen<SeenEvent>> {
    const span = this.spanOf(wish);
    return this.runner.run(projectId, client, async (ask) => {
      const seen = await ask<EventRow>(compileSeenEvents(projectId, { ...wish, span }));
      const names = seen.rows.map(({ name }) => name);
      const of = await ask<{ name: string; persons: number }>(compileSeenPersons(projectId, names, span));
      const persons = new Map(of.rows.map((row) => [row.name, row.persons]));
      return {
        rows: seen.rows.map((row) => ({ ...row, persons: persons.get(row.name) ?? 0 })),
        span,
        rowsRead: seen.rowsRead + of.rowsRead,
        elapsedMs: seen.elapsedMs + of.elapsedMs,
      };
    });
  }

  /** `sampled` of the event's `events` within the span were looked into. */
  properties(
    projectId: ProjectId,
    name: string,
    wish: CatalogueWish,
    client: AbortSignal,
  ): Promise<Seen<PropertyRow> & { events: number; sampled: number; warnings: NameWarning[] }> {
    const span = this.spanOf(wish);
    return this.runner.run(projectId, client, async (ask) => {
      const parts = await ask<{ events: number; cuts: number[] }>(compileSampleParts(projectId, name, span));
      const { events = 0, cuts = [] } = parts.rows[0] ?? {};
      const page = { ...wish, span, cuts: events > SAMPLE_EVENTS ? cuts : [] };
      const { rows, ...measured } = await ask<PropertyRow>(compileSeenProperties(projectId, name, page));
      const named = { kind: 'event' as const, name, pointer: '', events: null };
      return {
        rows,
        span,
        rowsRead: parts.rowsRead + measured.rowsRead,
        elapsedMs: parts.elapsedMs + measured.elapsedMs,
        events,
        sampled: rows[0]?.sampled ?? Math.min(events, SAMPLE_EVENTS),
        warnings: events > 0 ? [] : await this.warnings.find(projectId, [named], ask),
      };
    });
  }

  /** Whole days in UTC, the present one included, so that their sums are there already. */
  private spanOf({ days, after }: CatalogueWish): Span {
    const toMs = Math.ceil((after?.untilMs ?? this.clock.now() + 1) / DAY_MS) * DAY_MS;
    return { fromMs: Math.max(0, toMs - (days + 1) * DAY_MS), toMs };
  }
}
