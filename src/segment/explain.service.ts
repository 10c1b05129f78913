import { Injectable } from '@nestjs/common';
import { formatUserId, type UserId } from '../kernel/ids.js';
import type { RequestProject } from '../platform/http-server/access.js';
import { notFound, Problem } from '../platform/http-server/problem.js';
import { eventLeavesOf } from './core/condition.js';
import { mergeScopes, scopesOf } from './core/event-scope.js';
import { type ExplainedCondition, explainSegment } from './core/explain-segment.js';
import { type Change, findChanges } from './core/find-changes.js';
import { listLeavesOf } from './core/inline-lists.js';
import { type AnyDefinition, isSql } from './core/sql-definition.js';
import { ListEntryStore } from './data/list-entry.store.js';
import { MAX_EVENTS, UserHistories } from './data/user-histories.js';
import { DefinitionCompiler } from './definition-compiler.service.js';
import { SEGMENT_PROBLEMS } from './http/segment.problems.js';
import { SegmentValues } from './segment-values.service.js';

const NOT_EXPLAINABLE =
  'The segment is written in SQL and has no conditions to explain; whether a user was in a run is told by …/members/<user>/runs.';

export interface Explanation {
  userId: UserId;
  isMember: boolean;
  where: ExplainedCondition;
  changes: Change[];
}

/** Says why a user is a member or not. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly histories: UserHistories,
    private readonly compiler: DefinitionCompiler,
    private readonly values: SegmentValues,
    private readonly entries: ListEntryStore,
  ) {}

  /** @param asOf ms since 1970; the profile is the present one */
  async explain(
    project: RequestProject,
    definition: AnyDefinition,
    wish: { userId: UserId; asOf: number; segmentId: string | null },
  ): Promise<Explanation> {
    if (isSql(definition)) throw new Problem(SEGMENT_PROBLEMS.notExplainable, NOT_EXPLAINABLE);
    const at = { asOf: wish.asOf, timeZone: project.timeZone };
    if (wish.segmentId === null) await this.compiler.check(project.id, definition, null);
    const inlined = await this.compiler.inlineRequested(definition, {
      projectId: project.id,
      self: wish.segmentId,
      ...at,
    });
    // What a window does not reach yet, it may reach later: whoever is told to wait is told so with regard to it.
    const scopes = eventLeavesOf(inlined.where)
      .flatMap((leaf) => scopesOf(leaf, at))
      .map(({ events, range }) => ({ events, range: { ...range, untilMs: at.asOf } }));
    const found = await this.histories.read(project.id, wish.userId, mergeScopes(scopes));
    if (found === null) throw notFound('user', formatUserId(wish.userId));
    if (found === 'too_many_events') {
      throw new Problem(
        SEGMENT_PROBLEMS.tooExpensive,
        `The user has more than ${MAX_EVENTS} events that the segment looks at: shorten its windows.`,
      );
    }
    const history = {
      ...found,
      values: await this.values.valuesOf(inlined, found.userId),
      lists: await this.entries.listsWith(project.id, listLeavesOf(inlined.where), found.userId),
    };
    const where = explainSegment(inlined, history, at);
    return {
      userId: history.userId,
      isMember: where.holds,
      where,
      changes: findChanges(inlined, history, at),
    };
  }
}
