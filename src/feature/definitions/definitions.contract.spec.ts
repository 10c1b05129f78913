import { FEATURE_DEFINITION, FEATURE_NAME } from '../core/feature.js';
import { describeFeature } from '../core/feature-docs.js';
import { DEFAULT_SETTINGS, type FeatureSettings } from '../core/feature-settings.js';
import { FEATURE_FAMILIES } from './index.js';

const SETTINGS: FeatureSettings = { ...DEFAULT_SETTINGS, spend: { event: 'pay', property: 'amount' } };
const LIBRARY = FEATURE_FAMILIES.flatMap(({ features }) => features(SETTINGS));

describe('The library of features', () => {
  it('has at least a hundred features', () => {
    expect(LIBRARY.length).toBeGreaterThanOrEqual(100);
  });

  it('names each feature once', () => {
    const names = LIBRARY.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('names each family once', () => {
    expect(new Set(FEATURE_FAMILIES.map(({ name }) => name)).size).toBe(FEATURE_FAMILIES.length);
  });
});

describe.each(FEATURE_FAMILIES.map((family) => [family.name, family] as const))(
  'The family %s',
  (_, family) => {
    it.each(family.features(SETTINGS).map((feature) => [feature.name, feature] as const))(
      'defines %s in the language, with a sentence, a unit and a null rule',
      (name, { description, value }) => {
        expect(FEATURE_NAME.parse(name)).toBe(name);
        expect(FEATURE_DEFINITION.parse({ version: 1, value })).toEqual({ version: 1, value });
        expect(description).toMatch(/^.{20,}\.$/);
        if (value === null) throw new Error('A project that says everything has every feature.');
        const docs = describeFeature(value);
        expect(docs.unit).not.toBe('');
        expect(docs.nullRule).toMatch(/\.$/);
      },
    );

    it('has the same names whatever a project says', () => {
      const names = (settings: FeatureSettings) => family.features(settings).map(({ name }) => name);
      expect(names(DEFAULT_SETTINGS)).toEqual(names(SETTINGS));
    });
  },
);
