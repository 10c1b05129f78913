import type { JsonObject } from '../../kernel/json.js';
import type { NumberCompare } from '../../kernel/number-compare.js';
import { type Condition, groupOf, type Leaf, type SegmentDefinition } from './condition.js';
import { holds, inspect, type PastEvent, type UserHistory } from './evaluate-segment.js';
import { resolveCompare } from './measure.js';
import { type AsOf, resolveWindowOf } from './resolve-window.js';
import { isValueLeaf } from './value-condition.js';

/** An event of the past that can be pointed at. */
export interface KnownEvent extends PastEvent {
  eventId: string;
}

/** One condition of the tree, and what it comes to for a user. */
export interface ExplainedCondition {
  /** JSON Pointer from `where` on. What a lifecycle or another segment stands for is beneath it. */
  pointer: string;
  kind: string;
  holds: boolean;
  /** Conditions that it is made of. */
  children: ExplainedCondition[];
  /** The condition as it was asked; null for a group. */
  condition: Leaf | null;
  /** What was measured; a time in ms since 1970. null where there is no value, or nothing is measured. */
  actual: number | null;
  /** What it was compared with, times in ms since 1970. */
  threshold: NumberCompare | null;
  /** The snapshot or run that a value was read from, and its moment in ms since 1970; null where none was. */
  source: { id: string; asOf: number } | null;
  /** First and last ms of the window; `from` is null where it has no beginning. */
  window: { from: number | null; until: number } | null;
  /** How many events were measured, and the first and last of them. */
  eventCount: number;
  firstEvents: readonly KnownEvent[];
  lastEvents: readonly KnownEvent[];
}

/** How many events at either end are shown. */
const SHOWN_EVENTS = 3;

/** What every condition of a segment comes to for one user; the root holds exactly where `evaluateSegment` says so. */
export function explainSegment(
  definition: SegmentDefinition,
  history: UserHistory<KnownEvent>,
  at: AsOf,
): ExplainedCondition {
  return explain(definition.where, '', { history, at });
}

interface Subject {
  history: UserHistory<KnownEvent>;
  at: AsOf;
}

function explain(condition: Condition, pointer: string, subject: Subject): ExplainedCondition {
  const group = groupOf(condition);
  if (!group) return explainLeaf(condition as Leaf, pointer, subject);
  const kind = kindOf(condition);
  const children = group.children.map((child, index) =>
    explain(child, `${pointer}/${kind}/${index}`, subject),
  );
  const leafHolds = (leaf: Leaf) => inspect(leaf, subject.history, subject.at).holds;
  return {
    ...NOTHING_MEASURED,
    pointer,
    kind,
    holds: holds(condition, leafHolds),
    children,
    condition: null,
  };
}

const NOTHING_MEASURED = {
  children: [],
  actual: null,
  threshold: null,
  source: null,
  window: null,
  eventCount: 0,
  firstEvents: [],
  lastEvents: [],
};

function explainLeaf(leaf: Leaf, pointer: string, { history, at }: Subject): ExplainedCondition {
  const finding = inspect(leaf, history, at);
  const events = finding.events.toSorted((a, b) => a.time - b.time);
  return {
    pointer,
    kind: kindOf(leaf),
    holds: finding.holds,
    children: [],
    condition: 'list' in leaf ? { list: leaf.list } : withoutSource(leaf),
    actual: finding.actual,
    threshold: 'compare' in leaf ? resolveCompare(leaf.compare, at) : null,
    source: isValueLeaf(leaf) && leaf.source ? { id: leaf.source.id, asOf: leaf.source.asOf } : null,
    window: 'window' in leaf ? windowOf(leaf.window, history.profile, at) : null,
    eventCount: events.length,
    firstEvents: events.slice(0, SHOWN_EVENTS),
    lastEvents: events.slice(Math.max(SHOWN_EVENTS, events.length - SHOWN_EVENTS)),
  };
}

/** As it was asked. */
function withoutSource(leaf: Leaf): Leaf {
  if (!isValueLeaf(leaf)) return leaf;
  const { source: _, ...asked } = leaf;
  return asked;
}

function windowOf(window: Parameters<typeof resolveWindowOf>[0], profile: JsonObject, at: AsOf) {
  const range = resolveWindowOf(window, at, profile);
  return range && { from: range.afterMs === null ? null : range.afterMs + 1, until: range.untilMs };
}

const KINDS = [
  'all',
  'any',
  'none',
  'event',
  'sequence',
  'stopped',
  'resumed',
  'segment',
  'profile',
  'bucket',
  'feature',
  'score',
  'list',
];

function kindOf(condition: Condition): string {
  return KINDS.find((kind) => kind in condition) ?? 'anniversary';
}
