import { z } from 'zod';
import { chooseByKey, reportIssues } from '../../kernel/choose-by-key.js';
import { isId } from '../../kernel/ids.js';
import { isJsonObject } from '../../kernel/json.js';
import { PROPERTY_FILTER, type PropertyFilter } from '../../kernel/property-filter.js';
import { FEATURE_FILTER, SCORE_FILTER } from '../../kernel/value-filter.js';
import { EVENT_CONDITION, type EventCondition } from './event-condition.js';
import {
  expandLifecycle,
  type LifecycleCondition,
  RESUMED_CONDITION,
  STOPPED_CONDITION,
} from './lifecycle.js';
import { LIST_CONDITION, type ListCondition } from './list-condition.js';
import {
  ANNIVERSARY_CONDITION,
  type AnniversaryCondition,
  BUCKET_CONDITION,
  type BucketCondition,
} from './references.js';
import { SEQUENCE_CONDITION, type SequenceCondition } from './sequence.js';
import type { ValueCondition } from './value-condition.js';

/** Limits that keep one definition one readable query. */
export const MAX_DEPTH = 10;
export const MAX_NODES = 100;
/** ClickHouse takes no parameter longer than 128 KiB; escaping at most doubles a value. */
export const MAX_DEFINITION_BYTES = 48 * 1024;

/** Every event of the user's own: system events, such as a sent message, do not count. */
export const ANY_EVENT = '*';

export interface ProfileCondition {
  profile: PropertyFilter;
}
/** Holds where the definition of another segment does, as of the same moment. */
export interface SegmentCondition {
  segment: string;
  /** That definition; `inlineSegments` puts it in. */
  is?: Condition;
}
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { none: Condition[] }
  | LifecycleCondition
  | SegmentCondition
  | Leaf;
/** What is found out from the events of a user. */
export type EventLeaf = EventCondition | SequenceCondition;
/** What is found out from the user's profile, from who the user is, or from what was computed of the user. */
export type PersonLeaf =
  | ProfileCondition
  | BucketCondition
  | AnniversaryCondition
  | ListCondition
  | ValueCondition;
export type Leaf = EventLeaf | PersonLeaf;

const CHILDREN = z.array(z.lazy((): z.ZodType<Condition> => CONDITION)).min(1);
/** The conditions by the key that tells them apart. */
export const CONDITION_VARIANTS = {
  all: z.strictObject({ all: CHILDREN }),
  any: z.strictObject({ any: CHILDREN }),
  none: z.strictObject({ none: CHILDREN }),
  event: EVENT_CONDITION,
  sequence: SEQUENCE_CONDITION,
  stopped: STOPPED_CONDITION,
  resumed: RESUMED_CONDITION,
  bucket: BUCKET_CONDITION,
  anniversary: ANNIVERSARY_CONDITION,
  segment: z.strictObject({
    segment: z.string().refine((text) => isId('segment', text), 'must be the id of a segment, seg_…'),
  }),
  feature: FEATURE_FILTER,
  score: SCORE_FILTER,
  list: LIST_CONDITION,
  profile: z.strictObject({ profile: PROPERTY_FILTER }),
};
export const CONDITION = z
  .unknown()
  .superRefine(chooseByKey('a condition', CONDITION_VARIANTS)) as unknown as z.ZodType<Condition>;
const EXAMPLE = {
  all: [
    { event: 'pay', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 2 } },
    { event: '*', window: { last: { days: 7 } }, compare: { op: 'at_most', value: 0 } },
  ],
};

/** The tree is measured before it is walked, so that no input can exhaust the stack. */
const WHERE = z
  .record(z.string(), z.unknown())
  .superRefine((value, ctx) => {
    const excess = findExcess(value);
    if (excess === null) reportIssues(ctx, CONDITION.safeParse(value));
    else ctx.addIssue({ code: 'custom', message: excess });
  })
  .describe('The condition tree; see docs/segments.md')
  .meta({ examples: [EXAMPLE] }) as unknown as z.ZodType<Condition>;

/** A segment as it is written down: a language version and one condition tree. */
export const SEGMENT_DEFINITION = z.strictObject({ version: z.literal(1), where: WHERE });
export interface SegmentDefinition {
  version: 1;
  where: Condition;
}

/** A condition that is made of others. */
export interface Group {
  kind: 'all' | 'any' | 'none';
  children: readonly Condition[];
}

/** How a condition is made of others; null for one that is not. A lifecycle, or another segment, is all of what it stands for. */
export function groupOf(condition: Condition): Group | null {
  if ('all' in condition) return { kind: 'all', children: condition.all };
  if ('any' in condition) return { kind: 'any', children: condition.any };
  if ('none' in condition) return { kind: 'none', children: condition.none };
  if ('stopped' in condition || 'resumed' in condition)
    return { kind: 'all', children: expandLifecycle(condition) };
  if ('segment' in condition) return { kind: 'all', children: [definitionOf(condition)] };
  return null;
}

function definitionOf({ segment, is }: SegmentCondition): Condition {
  if (!is) throw new Error(`The definition of ${segment} was not put in.`);
  return is;
}

/** Every leaf of the tree, in the order in which it is written. */
export function leavesOf(condition: Condition): Leaf[] {
  const group = groupOf(condition);
  return group ? group.children.flatMap(leavesOf) : [condition as Leaf];
}

export function isEventLeaf(leaf: Condition): leaf is EventLeaf {
  return 'event' in leaf || 'sequence' in leaf;
}

export function eventLeavesOf(condition: Condition): EventLeaf[] {
  return leavesOf(condition).filter(isEventLeaf);
}

function findExcess(where: unknown): string | null {
  let level: unknown[] = [where];
  let nodes = 0;
  for (let depth = 1; level.length > 0; depth++) {
    nodes += level.length;
    if (depth > MAX_DEPTH) return `may be at most ${MAX_DEPTH} levels deep`;
    if (nodes > MAX_NODES) return `may have at most ${MAX_NODES} conditions, groups included`;
    level = level.flatMap(rawChildrenOf);
  }
  const sizeBytes = Buffer.byteLength(JSON.stringify(where));
  return sizeBytes > MAX_DEFINITION_BYTES ? `may have at most ${MAX_DEFINITION_BYTES} bytes of JSON` : null;
}

function rawChildrenOf(value: unknown): unknown[] {
  if (!isJsonObject(value)) return [];
  return ['all', 'any', 'none'].flatMap((key) => {
    const children = value[key];
    return Array.isArray(children) ? children : [];
  });
}
