import { Injectable } from '@nestjs/common';
import { Projects } from '../access/contract.js';
import type { CompiledSegment } from './core/compile-segment.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';
import { DefinitionCompiler } from './definition-compiler.service.js';

/** Makes the query of a run: that of its version, as of its moment, with the segments it refers to as they are now. */
@Injectable()
export class RunCompiler {
  constructor(
    private readonly projects: Projects,
    private readonly tables: SegmentTables,
    private readonly compiler: DefinitionCompiler,
  ) {}

  /**
   * @param isRun the run begins now, and takes the time to look up who is on its lists by now
   * @throws ReferenceRefusal, SqlRefusal
   */
  async compile(run: SegmentRun, isRun: boolean): Promise<CompiledSegment> {
    const version = await this.tables.segments.findVersion(run.segmentId, run.version);
    if (!version) throw new Error(`The segment ${run.segmentId} has no version ${run.version}.`);
    const { timeZone } = await this.projects.get(run.projectId);
    const { projectId, segmentId: self } = run;
    return this.compiler.compile(version.definition, {
      projectId,
      self,
      asOf: run.asOf.getTime(),
      timeZone,
      isRun,
    });
  }
}
