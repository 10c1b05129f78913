import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { explainTooMuch } from '../platform/clickhouse/query-error.js';
import { invalidField } from '../platform/http-server/problem.js';
import { SqlRefusal } from './core/check-sql.js';
import { type CompiledSegment, compileSegment } from './core/compile-segment.js';
import type { SegmentDefinition } from './core/condition.js';
import { listsOf } from './core/inline-lists.js';
import { ReferenceRefusal } from './core/inline-segments.js';
import type { AsOf } from './core/resolve-window.js';
import { type AnyDefinition, isSql } from './core/sql-definition.js';
import { SqlGuard, toRefusal } from './data/sql-guard.js';
import { tooExpensive } from './http/segment.problems.js';
import { ListMatcher } from './list-matcher.service.js';
import { SegmentReferences } from './segment-references.service.js';
import { SegmentValues } from './segment-values.service.js';

export type CompileContext = {
  projectId: ProjectId;
  /** The segment that the definition belongs to; null where it has none yet. */
  self: string | null;
  paramPrefix?: string;
  /** Only one person in so many; not for SQL. */
  oneIn?: number;
  /** Nobody waits: however many entries of lists matched nobody, all are looked up again. */
  isRun?: boolean;
} & AsOf;

/** Makes one query of a definition, whatever form it has. */
@Injectable()
export class DefinitionCompiler {
  constructor(
    private readonly references: SegmentReferences,
    private readonly values: SegmentValues,
    private readonly matcher: ListMatcher,
    private readonly guard: SqlGuard,
  ) {}

  /** @throws ReferenceRefusal, SqlRefusal */
  async compile(definition: AnyDefinition, context: CompileContext): Promise<CompiledSegment> {
    if (isSql(definition)) return this.guard.compile(definition, context);
    return compileSegment(await this.inline(definition, context), context);
  }

  /**
   * The tree with all it refers to put in: segments, lists, and where computed values are.
   * @throws ReferenceRefusal, SqlRefusal
   */
  async inline(definition: SegmentDefinition, context: CompileContext): Promise<SegmentDefinition> {
    const { projectId, self, asOf, isRun } = context;
    const inlined = await this.references.inline(projectId, definition, self);
    const lists = listsOf(inlined.where);
    await (isRun
      ? this.matcher.refresh(projectId, lists, Number.POSITIVE_INFINITY)
      : this.matcher.refresh(projectId, lists));
    return this.values.putIn(projectId, inlined, asOf);
  }

  /** Like `compile`, for a definition in a request: what is wrong with it is the caller's to know. */
  compileRequested(definition: AnyDefinition, context: CompileContext): Promise<CompiledSegment> {
    return asRequested(this.compile(definition, context));
  }

  /** Like `inline`, for a definition in a request. */
  inlineRequested(definition: SegmentDefinition, context: CompileContext): Promise<SegmentDefinition> {
    return asRequested(this.inline(definition, context));
  }

  /** Refuses what could never be run. */
  async check(projectId: ProjectId, definition: AnyDefinition, self: string | null): Promise<void> {
    if (isSql(definition))
      await this.compileRequested(definition, { projectId, self, asOf: 0, timeZone: 'UTC' });
    else {
      await asRequested(this.references.inline(projectId, definition, self));
      await this.values.check(projectId, definition);
    }
  }
}

async function asRequested<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toProblem(error) ?? error;
  }
}

/** Whether a definition cannot be followed, however often it is tried; the message is for people. */
export function isDefinitionRefusal(error: unknown): error is ReferenceRefusal | SqlRefusal {
  return error instanceof ReferenceRefusal || error instanceof SqlRefusal;
}

/** What is wrong with a definition in a request; null for other errors. */
export function toProblem(error: unknown): Error | null {
  if (error instanceof SqlRefusal) return invalidField('/definition/sql', error.code, error.message);
  if (error instanceof ReferenceRefusal)
    return invalidField(`/definition/where${error.pointer}`, error.code, error.message);
  return null;
}

/**
 * Waits for what ClickHouse is asked about a definition in a request: that it takes too much is the caller's to know.
 * @param isOfSql so is what ClickHouse finds wrong
 */
export async function withinLimits<T>(work: Promise<T>, isOfSql: boolean): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const explanation = explainTooMuch(error);
    if (explanation === null) throw (isOfSql && toProblem(toRefusal(error))) || error;
    throw tooExpensive(explanation);
  }
}
