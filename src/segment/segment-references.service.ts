import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { invalidField } from '../platform/http-server/problem.js';
import type { Condition, SegmentDefinition } from './core/condition.js';
import {
  inlineSegments,
  MAX_REFERENCE_DEPTH,
  ReferenceRefusal,
  referencesOf,
} from './core/inline-segments.js';
import { SegmentTables } from './data/segment-tables.js';

/** Follows what definitions refer to. */
@Injectable()
export class SegmentReferences {
  constructor(private readonly tables: SegmentTables) {}

  /**
   * The definition with those of the segments it refers to put in, each as it is now.
   * @param self the segment that it belongs to; null where it has none yet
   * @throws ReferenceRefusal
   */
  async inline(
    projectId: ProjectId,
    definition: SegmentDefinition,
    self: string | null,
  ): Promise<SegmentDefinition> {
    const known = new Map<string, Condition>();
    let level: Condition[] = [definition.where];
    for (let depth = 0; depth <= MAX_REFERENCE_DEPTH && level.length > 0; depth++) {
      const ids = level.flatMap((where) => referencesOf(where)).map(({ segment }) => segment);
      const missing = [...new Set(ids)].filter((id) => !known.has(id));
      const found = await this.tables.segments.findMany(projectId, missing);
      for (const segment of found) known.set(segment.id, segment.definition.where);
      level = found.map((segment) => segment.definition.where);
    }
    return { ...definition, where: inlineSegments(definition.where, known, self) };
  }

  /** Like `inline`, for a definition in a request: what is wrong with it is the caller's to know. */
  async inlineRequested(
    projectId: ProjectId,
    definition: SegmentDefinition,
    self: string | null = null,
  ): Promise<SegmentDefinition> {
    try {
      return await this.inline(projectId, definition, self);
    } catch (error) {
      if (!(error instanceof ReferenceRefusal)) throw error;
      throw invalidField(`/definition/where${error.pointer}`, error.code, error.message);
    }
  }
}
