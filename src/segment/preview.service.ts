import { Injectable } from '@nestjs/common';
import { explainTooMuch } from '../platform/clickhouse/query-error.js';
import { Clock } from '../platform/clock/clock.js';
import type { RequestProject } from '../platform/http-server/access.js';
import { compileSegment } from './core/compile-segment.js';
import type { SegmentDefinition } from './core/condition.js';
import { MemberStore } from './data/member-store.js';
import { DefinitionWarnings } from './definition-warnings.service.js';
import { ForecastService } from './forecast.service.js';
import { tooExpensive } from './http/segment.problems.js';
import { SegmentReferences } from './segment-references.service.js';
import { SegmentValues } from './segment-values.service.js';

/** Shows what a definition would find, before it is saved. */
@Injectable()
export class PreviewService {
  constructor(
    private readonly clock: Clock,
    private readonly members: MemberStore,
    private readonly warnings: DefinitionWarnings,
    private readonly references: SegmentReferences,
    private readonly values: SegmentValues,
    private readonly forecasts: ForecastService,
  ) {}

  async preview(project: RequestProject, definition: SegmentDefinition) {
    const asOf = this.clock.now();
    await this.values.check(project.id, definition);
    const references = await this.references.inlineRequested(project.id, definition);
    const inlined = await this.values.putInRequested(project.id, references, asOf);
    const compiled = compileSegment(inlined, { projectId: project.id, asOf, timeZone: project.timeZone });
    const forecast = await this.forecasts.ofQuery(project.id, compiled);
    if (forecast.refusal !== null) throw tooExpensive(forecast.refusal);
    const [found, warnings] = await Promise.all([
      withinLimits(this.members.preview(compiled)),
      this.warnings.find(project, definition),
    ]);
    return { asOf, ...found, ...compiled, warnings, forecast };
  }

  /** How the members of a saved segment would change with another definition, now. */
  async difference(
    project: RequestProject,
    segment: { id: string; definition: SegmentDefinition },
    definition: SegmentDefinition,
  ) {
    const asOf = this.clock.now();
    const context = { projectId: project.id, asOf, timeZone: project.timeZone };
    await this.values.check(project.id, definition);
    const inlined = async (each: SegmentDefinition) =>
      this.values.putInRequested(
        project.id,
        await this.references.inlineRequested(project.id, each, segment.id),
        asOf,
      );
    const [before, after] = await Promise.all([inlined(segment.definition), inlined(definition)]);
    const found = await withinLimits(
      this.members.difference(
        compileSegment(before, { ...context, paramPrefix: 'b' }),
        compileSegment(after, { ...context, paramPrefix: 'a' }),
      ),
    );
    return { asOf, ...found, warnings: await this.warnings.find(project, definition) };
  }
}

async function withinLimits<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const explanation = explainTooMuch(error);
    if (explanation === null) throw error;
    throw tooExpensive(explanation);
  }
}
