import { expectGolden, expectNoFileBeside } from '../../../test/support/golden.js';
import { compileSegment } from './compile-segment.js';
import { type Condition, SEGMENT_DEFINITION } from './condition.js';
import { inlineLists } from './inline-lists.js';
import { inlineSegments } from './inline-segments.js';
import type { ValueSource } from './value-condition.js';
import { putInSources, valuesAsked } from './value-sources.js';

const GOLDEN = new URL('./__golden_values__/', import.meta.url);
const AS_OF = Date.parse('2026-03-10T12:00:00Z');
const CONTEXT = { projectId: 1, asOf: AS_OF, timeZone: 'Asia/Shanghai' };
const HOUR_MS = 3_600_000;

const SET = `fst_${'0'.repeat(26)}`;
const MODEL = `chm_${'0'.repeat(26)}`;
const LIST = `lst_${'0'.repeat(26)}`;
const AT_RISK = `seg_${'0'.repeat(26)}`;

const feature = (name: string, op: string, value: number) => ({
  feature: { set: SET, name },
  compare: { op, value },
});
const score = (op: string, value: number, more: Record<string, unknown> = {}) => ({
  score: { model: MODEL, ...more },
  compare: { op, value },
});
const paid = { event: 'pay', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 1 } };
const inShenzhen = { profile: { property: 'city', op: 'equals', value: 'Shenzhen' } };
const OTHERS = new Map<string, Condition>([
  [AT_RISK, SEGMENT_DEFINITION.parse({ version: 1, where: score('more_than', 0.5) }).where],
]);

const SEGMENTS: Record<string, unknown> = {
  'likely-gone': score('more_than', 0.8),
  'the-tenth-that-is-most-likely-gone': score('equals', 10, { of: 'decile' }),
  'likely-gone-but-paid-of-late': { all: [score('more_than', 0.8, { maxAgeHours: 24 }), paid] },
  'slowing-down-in-shenzhen': { all: [feature('gap_current_ratio_30d', 'at_least', 2), inShenzhen] },
  'slow-or-likely-gone': {
    any: [feature('gap_current_ratio_30d', 'at_least', 2), score('more_than', 0.8)],
  },
  'two-features-of-one-snapshot': {
    all: [feature('events_30d', 'at_most', 3), feature('days_since_last_event', 'at_least', 14)],
  },
  'guests-of-the-fair-who-are-not-likely-gone': {
    all: [{ list: LIST }, { none: [score('more_than', 0.5)] }],
  },
  'payers-who-are-not-in-the-segment-of-those-at-risk': { all: [paid, { none: [{ segment: AT_RISK }] }] },
};

function compile(where: unknown, source: ValueSource | null) {
  const definition = SEGMENT_DEFINITION.parse({ version: 1, where });
  const inlined = inlineLists(inlineSegments(definition.where, OTHERS, null), new Map([[LIST, [4, 6]]]));
  const sources = new Map(valuesAsked(inlined).map(({ leaf }) => [leaf, source]));
  return compileSegment({ ...definition, where: putInSources(inlined, sources) }, CONTEXT);
}

describe('The compiled SQL of conditions on values', () => {
  const source = { id: 'fsn_1', attempt: 1, asOf: AS_OF - HOUR_MS, place: 3 };

  it.each(Object.entries(SEGMENTS))('of %s is the one in __golden_values__', async (name, where) => {
    await expectGolden(GOLDEN, name, compile(where, source));
  });

  it('reads no value where there is none', async () => {
    await expectGolden(
      GOLDEN,
      'likely-gone-before-anything-was-scored',
      compile(SEGMENTS['likely-gone'], null),
    );
  });

  it('has a segment for every file', async () => {
    await expectNoFileBeside(GOLDEN, [...Object.keys(SEGMENTS), 'likely-gone-before-anything-was-scored']);
  });
});
