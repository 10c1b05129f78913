import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compileFeatures, type FeatureContext, splitByGuard } from '../core/compile-features.js';
import { FEATURE_DEFINITION, type NamedFeature } from '../core/feature.js';
import { DEFAULT_SETTINGS } from '../core/feature-settings.js';
import { FEATURE_FAMILIES } from './index.js';

const GOLDEN = fileURLToPath(new URL('../core/__golden__/', import.meta.url));
const CONTEXT: FeatureContext = {
  projectId: 1,
  cutoff: Date.parse('2026-03-10T12:00:00Z'),
  timeZone: 'Asia/Shanghai',
  asKnown: false,
  activeWithinDays: null,
  lifecycle: DEFAULT_SETTINGS.lifecycle,
};
const SETTINGS = { ...DEFAULT_SETTINGS, spend: { event: 'pay', property: 'amount' } };

const family = (name: string): NamedFeature[] =>
  (FEATURE_FAMILIES.find((each) => each.name === name)?.features(SETTINGS) ?? []).map((feature) => ({
    name: feature.name,
    value: feature.value ?? { lifecycle: true },
  }));
const own = (...values: unknown[]): NamedFeature[] =>
  values.map((value, index) => ({
    name: `own_${index}`,
    value: FEATURE_DEFINITION.parse({ version: 1, value }).value,
  }));

const QUERIES: Record<string, [NamedFeature[], Partial<FeatureContext>?]> = {
  ...Object.fromEntries(FEATURE_FAMILIES.map(({ name }) => [name, [family(name)] as [NamedFeature[]]])),
  'as-known-of-active-users-in-a-range': [
    own({ event: 'pay', window: { last: { days: 30 } }, measure: { fn: 'count' } }),
    { asKnown: true, activeWithinDays: 60, range: { after: 100, until: 200 } },
  ],
  'with-filters-hours-and-weekdays': [
    own({
      event: ['pay', '*'],
      where: [{ property: 'method', op: 'equals', value: 'card' }],
      window: { last: { days: 30 }, endingDaysAgo: 7 },
      hours: { from: 22, to: 6 },
      weekdays: [6, 7],
      measure: { fn: 'median', property: 'amount' },
    }),
  ],
  'of-the-profile': [
    own(
      { profile: { property: 'vip', op: 'equals', value: true } },
      { profileNumber: 'age' },
      { profileDaysSince: 'signup_date' },
    ),
  ],
};

describe('Features compile to SQL that people have read', () => {
  it.each(Object.entries(QUERIES))('%s', async (name, [features, context]) => {
    const { sql, params } = compileFeatures(features, { ...CONTEXT, ...context });
    const bound = Object.entries(params).map(([key, value]) => `-- ${key} = ${JSON.stringify(value)}`);
    const text = `${sql}\n\n${bound.join('\n')}\n`;
    const file = `${GOLDEN}${name}.sql`;
    if (process.env['UPDATE_GOLDEN']) await writeFile(file, text);
    expect(text).toBe(await readFile(file, 'utf8'));
  });

  it('keeps no file of a query that is gone', async () => {
    const files = await readdir(GOLDEN);
    expect(files.sort()).toEqual(
      Object.keys(QUERIES)
        .map((name) => `${name}.sql`)
        .sort(),
    );
  });

  it('puts no value into the text', () => {
    const name = "it's";
    const { sql } = compileFeatures(
      own({ event: name, window: 'all_time', measure: { fn: 'sum', property: 'amount' } }),
      CONTEXT,
    );
    expect(sql).not.toContain(name);
    expect(sql).not.toContain('amount');
  });
});

describe('The guard', () => {
  const features = own(
    { profileNumber: 'age' },
    { event: '*', window: 'all_time', measure: { fn: 'count' } },
  );

  it('leaves out what is not known as of a past cutoff', () => {
    const { computed, excluded } = splitByGuard(features, true);
    expect(computed.map(({ name }) => name)).toEqual(['own_1']);
    expect(excluded).toEqual(['own_0']);
  });

  it('lets everything be computed as of now', () => {
    expect(splitByGuard(features, false)).toEqual({ computed: features, excluded: [] });
  });
});
