import { Injectable } from '@nestjs/common';
import { explainTooMuch } from '../platform/clickhouse/query-error.js';
import { Clock } from '../platform/clock/clock.js';
import type { RequestProject } from '../platform/http-server/access.js';
import { Problem } from '../platform/http-server/problem.js';
import { compileSegment } from './core/compile-segment.js';
import { ANY_EVENT, type SegmentDefinition } from './core/condition.js';
import { eventPointers } from './core/event-pointers.js';
import { EventNames } from './data/event-names.js';
import { MemberStore } from './data/member-store.js';
import { SEGMENT_PROBLEMS } from './http/segment.problems.js';
import { SegmentReferences } from './segment-references.service.js';

/** Shows what a definition would find, before it is saved. */
@Injectable()
export class PreviewService {
  constructor(
    private readonly clock: Clock,
    private readonly members: MemberStore,
    private readonly eventNames: EventNames,
    private readonly references: SegmentReferences,
  ) {}

  async preview(project: RequestProject, definition: SegmentDefinition) {
    const asOf = this.clock.now();
    const inlined = await this.references.inlineRequested(project.id, definition);
    const compiled = compileSegment(inlined, { projectId: project.id, asOf, timeZone: project.timeZone });
    const [found, warnings] = await Promise.all([
      withinLimits(this.members.preview(compiled)),
      this.warn(project, definition),
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
    return { asOf, ...found, warnings: await this.warn(project, definition) };
  }

  private async warn(project: RequestProject, definition: SegmentDefinition) {
    const named = eventPointers(definition.where, '/definition/where').filter(
      ({ event }) => event !== ANY_EVENT,
    );
    const unknown = await this.eventNames.findUnknown(
      project.id,
      named.map(({ event }) => event),
    );
    return named
      .filter(({ event }) => unknown.has(event))
      .map(({ event, pointer }) => ({
        pointer,
        code: 'unknown_event',
        detail: describe(event, unknown.get(event) ?? null),
      }));
  }
}

function describe(event: string, nearest: string | null): string {
  const hint = nearest === null ? '' : ` The name most like it is ${nearest}.`;
  return `No event ${event} was ever received.${hint}`;
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
