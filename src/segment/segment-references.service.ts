import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { SqlRefusal } from './core/check-sql.js';
import type { Condition, SegmentDefinition } from './core/condition.js';
import { inlineLists, listsOf } from './core/inline-lists.js';
import { inlineSegments, MAX_REFERENCE_DEPTH, referencesOf } from './core/inline-segments.js';
import { type AnyDefinition, isSql } from './core/sql-definition.js';
import { SegmentTables } from './data/segment-tables.js';
import { UserListRepository } from './data/user-list.repository.js';

/** Follows what definitions refer to. */
@Injectable()
export class SegmentReferences {
  constructor(
    private readonly tables: SegmentTables,
    private readonly lists: UserListRepository,
  ) {}

  /**
   * The definition with those of the segments it refers to put in, and the uploads of its lists, each as it is now.
   * @param self the segment that it belongs to; null where it has none yet
   * @throws ReferenceRefusal, SqlRefusal
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
      const trees = found.map(({ id, definition: each }) => ({ id, where: toTree(id, each) }));
      for (const { id, where } of trees) known.set(id, where);
      level = trees.map(({ where }) => where);
    }
    const where = inlineSegments(definition.where, known, self);
    const lists = await this.lists.findMany(projectId, listsOf(where));
    return {
      ...definition,
      where: inlineLists(where, new Map(lists.map(({ id, uploads }) => [id, uploads]))),
    };
  }
}

function toTree(id: string, definition: AnyDefinition): Condition {
  if (!isSql(definition)) return definition.where;
  throw new SqlRefusal(
    'reference_to_sql',
    `The segment ${id} is written in SQL: no other one can refer to it.`,
  );
}
