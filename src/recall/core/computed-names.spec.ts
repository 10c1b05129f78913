import { computedNamesOf } from './computed-names.js';

describe('What a template asks of what was computed', () => {
  it('is told by the names of its variables', () => {
    const names = computedNamesOf([
      'profile.city',
      'computed.features.churn.gap_current_ratio_30d',
      'computed.features.churn.events_30d',
      'computed.features.fst_1',
      'computed.scores.visitors.decile',
      'computed.scores',
      'computed',
      'features.churn.events_30d',
    ]);
    expect(names).toEqual({ sets: new Set(['churn', 'fst_1']), models: new Set(['visitors']) });
  });
});
