import { SqlParams } from '../../kernel/sql-params.js';
import { compileSegment } from './compile-segment.js';
import { CONDITION, type Condition, SEGMENT_DEFINITION } from './condition.js';
import { evaluateSegment } from './evaluate-segment.js';
import { explainSegment } from './explain-segment.js';
import { type FeatureCondition, valueKey, valueSql } from './value-condition.js';
import { judgeSource, putInSources, valuesAsked } from './value-sources.js';

const HOUR_MS = 3_600_000;
const asOf = Date.UTC(2026, 2, 10);
const at = { asOf, timeZone: 'UTC' };
const SET = `fst_${'0'.repeat(26)}`;
const MODEL = `chm_${'0'.repeat(26)}`;
const source = { id: 'fsn_1', attempt: 1, asOf: asOf - HOUR_MS, place: 3 };

const feature = (more: Record<string, unknown> = {}): FeatureCondition => ({
  feature: { set: SET, name: 'gap_current_ratio_30d', ...more },
  compare: { op: 'at_least', value: 2 },
});
const score = (more: Record<string, unknown> = {}): Condition => ({
  score: { model: MODEL, ...more },
  compare: { op: 'more_than', value: 0.8 },
});
const history = (values: Map<string, number | null>) => ({ userId: 1, events: [], profile: {}, values });

describe('A condition on a value', () => {
  it.each([feature({ maxAgeHours: 24 }), score(), score({ of: 'decile' })])(
    'is one of the language: %j',
    (given) => {
      expect(CONDITION.safeParse(given).success).toBe(true);
    },
  );

  it.each([
    ['a set of another kind', { ...feature(), feature: { set: MODEL, name: 'a' } }],
    ['an age, which is for times', { ...feature(), compare: { op: 'at_least', ago: { days: 1 } } }],
    ['where the values are, which is not the caller’s to say', { ...feature(), source }],
    ['no age at all', feature({ maxAgeHours: 0 })],
  ])('may not have %s', (_, given) => {
    expect(CONDITION.safeParse(given).success).toBe(false);
  });

  it('holds for a user whose value meets the comparison, and for none without a value', () => {
    const leaf = { ...feature(), source };
    const isMember = (values: [string, number | null][]) =>
      evaluateSegment({ version: 1, where: leaf }, history(new Map(values)), at);
    expect(isMember([[valueKey(leaf), 2]])).toBe(true);
    expect(isMember([[valueKey(leaf), 1.9]])).toBe(false);
    expect(isMember([[valueKey(leaf), null]])).toBe(false);
    expect(isMember([])).toBe(false);
    const nowhere = { ...feature(), source: null };
    expect(evaluateSegment({ version: 1, where: { none: [nowhere] } }, history(new Map()), at)).toBe(true);
    expect(() => evaluateSegment({ version: 1, where: feature() }, history(new Map()), at)).toThrow();
  });

  it('is explained by its value, its threshold, and where the value was read', () => {
    const leaf = { ...feature(), source };
    const told = explainSegment({ version: 1, where: leaf }, history(new Map([[valueKey(leaf), 3]])), at);
    expect(told).toMatchObject({
      kind: 'feature',
      holds: true,
      actual: 3,
      threshold: { op: 'at_least', value: 2 },
      source: { id: 'fsn_1', asOf: asOf - HOUR_MS },
    });
    expect(told.condition).toEqual(feature());
  });

  it('is compiled with nothing but bound values', () => {
    const where = SEGMENT_DEFINITION.parse({
      version: 1,
      where: { all: [feature(), score({ of: "it's" })] },
    }).where;
    const sources = new Map(valuesAsked(where).map(({ leaf }) => [leaf, source]));
    const { sql, params } = compileSegment(
      { version: 1, where: putInSources(where, sources) },
      { projectId: 1, ...at },
    );
    expect(sql).not.toContain("it's");
    expect(Object.values(params)).toEqual(expect.arrayContaining(['fsn_1', "it's", 2, 0.8, 3]));
    expect(valueSql({ ...feature(), source: null }, 'user_id', new SqlParams())).toBe('false');
  });
});

describe('Where values are read', () => {
  const where: Condition = {
    all: [feature(), { none: [{ segment: 'seg_1', is: { any: [score()] } }] }],
  };

  it('is asked for each condition, with a pointer into the tree itself', () => {
    expect(valuesAsked(where).map(({ pointer }) => pointer)).toEqual(['/all/0', '/all/1/none/0/segment']);
  });

  it('is put in everywhere', () => {
    const asked = valuesAsked(where);
    const put = putInSources(where, new Map(asked.map(({ leaf }) => [leaf, source])));
    expect(valuesAsked(put).map(({ leaf }) => leaf.source)).toEqual([source, source]);
  });

  it.each([
    ['young enough', {}, asOf - 24 * HOUR_MS, null],
    ['older than a week', {}, asOf - 169 * HOUR_MS, { code: 'old_values', isRefusal: false }],
    ['as old as may be', { maxAgeHours: 2 }, asOf - 2 * HOUR_MS, null],
    ['older than may be', { maxAgeHours: 2 }, asOf - 3 * HOUR_MS, { code: 'stale_values', isRefusal: true }],
  ])('is judged where the values are %s', (_, more, valuesAsOf, fault) => {
    const found = judgeSource(
      { leaf: feature(more), pointer: '/all/0' },
      { ...source, asOf: valuesAsOf },
      asOf,
    );
    if (fault === null) expect(found).toBeNull();
    else expect(found).toMatchObject({ ...fault, pointer: '/all/0/feature' });
  });

  it('is judged where there are none', () => {
    expect(judgeSource({ leaf: feature(), pointer: '' }, null, asOf)).toMatchObject({
      code: 'no_values',
      isRefusal: false,
    });
    expect(judgeSource({ leaf: feature({ maxAgeHours: 1 }), pointer: '' }, null, asOf)).toMatchObject({
      isRefusal: true,
    });
    expect(judgeSource({ leaf: feature(), pointer: '' }, { ...source, place: 0 }, asOf)).toMatchObject({
      code: 'missing_feature',
    });
  });
});
