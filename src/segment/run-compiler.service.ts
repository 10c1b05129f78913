import { Injectable } from '@nestjs/common';
import { Projects } from '../access/contract.js';
import { type CompiledSegment, compileSegment } from './core/compile-segment.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { SegmentReferences } from './segment-references.service.js';
import { SegmentValues } from './segment-values.service.js';

/** Makes the query of a run: that of its version, as of its moment, with the segments it refers to as they are now. */
@Injectable()
export class RunCompiler {
  constructor(
    private readonly projects: Projects,
    private readonly tables: SegmentTables,
    private readonly references: SegmentReferences,
    private readonly values: SegmentValues,
  ) {}

  /** @throws ReferenceRefusal */
  async compile(run: SegmentRun): Promise<CompiledSegment> {
    const version = await this.tables.segments.findVersion(run.segmentId, run.version);
    if (!version) throw new Error(`The segment ${run.segmentId} has no version ${run.version}.`);
    const { timeZone } = await this.projects.get(run.projectId);
    const asOf = run.asOf.getTime();
    const inlined = await this.references.inline(run.projectId, version.definition, run.segmentId);
    const definition = await this.values.putIn(run.projectId, inlined, asOf);
    return compileSegment(definition, { projectId: run.projectId, asOf, timeZone });
  }
}
