import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import type { CatalogueKey } from './core/catalogue-key.js';
import {
  compileSampleParts,
  compileSeenEvents,
  compileSeenProperties,
  type EventRow,
  type PropertyRow,
  SAMPLE_EVENTS,
} from './core/compile-catalogue.js';
import type { Span } from './core/time-range.js';
import { type NameWarning, NameWarnings } from './name-warnings.js';
import { QueryRunner } from './query-runner.js';

const DAY_MS = 86_400_000;

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

/** What events and properties there are, as a bounded look into the latest events tells. */
@Injectable()
export class CatalogueService {
  constructor(
    private readonly clock: Clock,
    private readonly runner: QueryRunner,
    private readonly warnings: NameWarnings,
  ) {}

  async events(projectId: ProjectId, wish: CatalogueWish, client: AbortSignal): Promise<Seen<EventRow>> {
    const span = this.spanOf(wish);
    const compiled = compileSeenEvents(projectId, { ...wish, span });
    const { rows, rowsRead, elapsedMs } = await this.runner.run(projectId, client, (ask) =>
      ask<EventRow>(compiled),
    );
    return { rows, span, rowsRead, elapsedMs };
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

  private spanOf({ days, after }: CatalogueWish): Span {
    const toMs = after?.untilMs ?? this.clock.now();
    return { fromMs: Math.max(0, toMs - days * DAY_MS), toMs };
  }
}
