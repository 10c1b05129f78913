import { Injectable } from '@nestjs/common';
import { formatUserId, type UserId } from '../kernel/ids.js';
import type { RequestProject } from '../platform/http-server/access.js';
import { notFound, Problem } from '../platform/http-server/problem.js';
import { eventLeavesOf, type SegmentDefinition } from './core/condition.js';
import { mergeScopes, scopesOf } from './core/event-scope.js';
import { type ExplainedCondition, explainSegment } from './core/explain-segment.js';
import { type Change, findChanges } from './core/find-changes.js';
import { MAX_EVENTS, UserHistories } from './data/user-histories.js';
import { SEGMENT_PROBLEMS } from './http/segment.problems.js';
import { SegmentReferences } from './segment-references.service.js';
import { SegmentValues } from './segment-values.service.js';

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
    private readonly references: SegmentReferences,
    private readonly values: SegmentValues,
  ) {}

  /** @param asOf ms since 1970; the profile is the present one */
  async explain(
    project: RequestProject,
    definition: SegmentDefinition,
    wish: { userId: UserId; asOf: number; segmentId: string | null },
  ): Promise<Explanation> {
    const at = { asOf: wish.asOf, timeZone: project.timeZone };
    if (wish.segmentId === null) await this.values.check(project.id, definition);
    const references = await this.references.inlineRequested(project.id, definition, wish.segmentId);
    const inlined = await this.values.putInRequested(project.id, references, wish.asOf);
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
    const history = { ...found, values: await this.values.valuesOf(inlined, found.userId) };
    const where = explainSegment(inlined, history, at);
    return {
      userId: history.userId,
      isMember: where.holds,
      where,
      changes: findChanges(inlined, history, at),
    };
  }
}
