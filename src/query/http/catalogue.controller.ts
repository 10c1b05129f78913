import { Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { isSystemEvent } from '../../kernel/event.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { ClientSignal } from '../../platform/http-server/client-signal.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { invalidField } from '../../platform/http-server/problem.js';
import { CatalogueService, type CatalogueWish, type SeenEvent } from '../catalogue.service.js';
import { formatCatalogueKey, parseCatalogueKey } from '../core/catalogue-key.js';
import type { PropertyRow } from '../core/compile-catalogue.js';
import type { Span } from '../core/time-range.js';
import {
  CATALOGUE_QUERY,
  type CatalogueQuery,
  EVENT_CATALOGUE,
  PROPERTY_CATALOGUE,
} from './catalogue.schema.js';
import { toRange } from './to-answer.js';

@ProjectController('catalogue/events', 'Catalogue')
export class CatalogueController {
  constructor(private readonly catalogue: CatalogueService) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Events that were seen of late, the most frequent first' })
  @ApiOkResponse({ standardSchema: EVENT_CATALOGUE })
  async events(
    @Project() project: RequestProject,
    @Query({ schema: CATALOGUE_QUERY }) query: CatalogueQuery,
    @ClientSignal() client: AbortSignal,
  ) {
    const { rows, span, ...facts } = await this.catalogue.events(project.id, toWish(query), client);
    const page = toPage(rows, query.limit, { toKey: toKeyOf(span), toItem: toEventView });
    return { ...page, range: toRange(span), ...facts };
  }

  @Get(':name/properties')
  @Access('viewer')
  @ApiOperation({
    summary: 'Properties of an event, out of a sample: types, values, how many events have them',
  })
  @ApiOkResponse({ standardSchema: PROPERTY_CATALOGUE })
  async properties(
    @Project() project: RequestProject,
    @Param('name') name: string,
    @Query({ schema: CATALOGUE_QUERY }) query: CatalogueQuery,
    @ClientSignal() client: AbortSignal,
  ) {
    const { rows, span, ...facts } = await this.catalogue.properties(project.id, name, toWish(query), client);
    const page = toPage(rows, query.limit, {
      toKey: toKeyOf(span),
      toItem: (row) => toPropertyView(row, facts.sampled),
    });
    return { ...page, range: toRange(span), ...facts };
  }
}

function toWish({ days, search, limit, cursor }: CatalogueQuery): CatalogueWish {
  const key = fromCursor(cursor);
  const after = key === null ? null : parseCatalogueKey(key);
  if (key !== null && after === null)
    throw invalidField('?cursor', 'invalid_cursor', 'Use the nextCursor of a page as it came.');
  return { days, search, after, limit: limit + 1 };
}

function toKeyOf({ toMs }: Span) {
  return ({ events, name }: { events: number; name: string }) =>
    formatCatalogueKey({ untilMs: toMs, events, name });
}

function toEventView({ name, events, persons, firstMs, lastMs }: SeenEvent) {
  return {
    name,
    isSystem: isSystemEvent(name),
    events,
    persons,
    firstSeenAt: new Date(firstMs).toISOString(),
    lastSeenAt: new Date(lastMs).toISOString(),
  };
}

function toPropertyView(row: PropertyRow, sampled: number) {
  const types = [
    { type: 'text', events: row.texts },
    { type: 'number', events: row.numbers },
    { type: 'boolean', events: row.booleans },
    { type: 'list', events: row.lists },
    { type: 'object', events: row.objects },
  ];
  return {
    name: row.name,
    share: row.events / sampled,
    types: types.filter(({ events }) => events > 0),
    distinctValues: row.values,
    examples: row.top.map(([negative, value]) => ({
      value: JSON.parse(value) as unknown,
      events: -negative,
    })),
  };
}
