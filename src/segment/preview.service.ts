import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { explainTooMuch } from '../platform/clickhouse/query-error.js';
import { Clock } from '../platform/clock/clock.js';
import type { RequestProject } from '../platform/http-server/access.js';
import { Problem } from '../platform/http-server/problem.js';
import { compileSegment } from './core/compile-segment.js';
import { ANY_EVENT, type SegmentDefinition } from './core/condition.js';
import { eventPointers } from './core/event-pointers.js';
import { propertyPointers } from './core/property-pointers.js';
import { EventNames } from './data/event-names.js';
import { MemberStore } from './data/member-store.js';
import { PropertyNames } from './data/property-names.js';
import { SEGMENT_PROBLEMS } from './http/segment.problems.js';
import { SegmentReferences } from './segment-references.service.js';

/** Shows what a definition would find, before it is saved. */
@Injectable()
export class PreviewService {
  constructor(
    private readonly clock: Clock,
    private readonly members: MemberStore,
    private readonly eventNames: EventNames,
    private readonly propertyNames: PropertyNames,
    private readonly references: SegmentReferences,
  ) {}

  async preview(project: RequestProject, definition: SegmentDefinition) {
    const asOf = this.clock.now();
    const inlined = await this.references.inlineRequested(project.id, definition);
    const compiled = compileSegment(inlined, { projectId: project.id, asOf, timeZone: project.timeZone });
    const [found, warnings] = await Promise.all([
      withinLimits(this.members.preview(compiled)),
      this.warn(project.id, definition),
    ]);
    return { asOf, ...found, ...compiled, warnings };
  }

  /** How the members of a saved segment would change with another definition, now. */
  async difference(
    project: RequestProject,
    segment: { id: string; definition: SegmentDefinition },
    definition: SegmentDefinition,
  ) {
    const asOf = this.clock.now();
    const context = { projectId: project.id, asOf, timeZone: project.timeZone };
    const [before, after] = await Promise.all([
      this.references.inlineRequested(project.id, segment.definition, segment.id),
      this.references.inlineRequested(project.id, definition, segment.id),
    ]);
    const found = await withinLimits(
      this.members.difference(
        compileSegment(before, { ...context, paramPrefix: 'b' }),
        compileSegment(after, { ...context, paramPrefix: 'a' }),
      ),
    );
    return { asOf, ...found, warnings: await this.warn(project.id, definition) };
  }

  /** Names in a definition under which nothing was ever received, each with the one that was probably meant. */
  async warn(projectId: ProjectId, definition: SegmentDefinition): Promise<NameWarning[]> {
    const named = eventPointers(definition.where, '/definition/where').filter(
      ({ event }) => event !== ANY_EVENT,
    );
    const unknown = await this.eventNames.findUnknown(
      projectId,
      named.map(({ event }) => event),
    );
    const properties = propertyPointers(definition.where, '/definition/where').filter(
      ({ event }) => event === null || !unknown.has(event),
    );
    const unknownProperties = await this.propertyNames.findUnknown(projectId, properties);
    return [
      ...named
        .filter(({ event }) => unknown.has(event))
        .map(({ event, pointer }) => ({
          pointer,
          code: 'unknown_event' as const,
          detail: describe(event, unknown.get(event) ?? null),
        })),
      ...unknownProperties.map(({ pointer, property, event, nearest }) => ({
        pointer,
        code: event === null ? ('unknown_profile_property' as const) : ('unknown_property' as const),
        detail: `Nothing has a property ${property} here.${hint(nearest)}`,
      })),
    ];
  }
}

export interface NameWarning {
  pointer: string;
  code: 'unknown_event' | 'unknown_property' | 'unknown_profile_property';
  detail: string;
}

function hint(nearest: string | null): string {
  return nearest === null ? '' : ` The name most like it is ${nearest}.`;
}

function describe(event: string, nearest: string | null): string {
  return `No event ${event} was ever received.${hint(nearest)}`;
}

async function withinLimits<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const explanation = explainTooMuch(error);
    if (explanation === null) throw error;
    throw new Problem(SEGMENT_PROBLEMS.tooExpensive, explanation);
  }
}
