import type { CollectRules } from '../../access/contract.js';
import { dead } from '../../kernel/outcome.js';
import { type Arrival, admit, admitByKey } from './admission.js';

const arrival: Arrival = { bodyBytes: 100, exceededLimitBytes: null, origin: null, referer: null };
const theRules = (change: Partial<CollectRules> = {}): CollectRules => ({
  projectId: 7,
  slug: 'shop',
  acceptsToken: (token) => token === 'good',
  allowedOrigins: new Set(),
  bodyLimitBytes: null,
  timeLimits: { lateDays: null, futureMinutes: null },
  ...change,
});
const bySlug = { slug: 'shop', rules: theRules(), token: 'good' };
const byKey = { rules: theRules(), hasKey: true, failure: null };
const guarded = theRules({ allowedOrigins: new Set(['https://shop.example']) });

describe('admit', () => {
  it.each([
    ['takes in what a project accepts', {}, {}, { outcome: 'stored', projectId: 7 }],
    [
      'shows an unknown project under the default one',
      {},
      { slug: 'nix', rules: null },
      {
        outcome: 'unknown_project',
        reason: 'unknown_project',
        projectId: 1,
        detail: 'There is no project nix.',
      },
    ],
    [
      'shows a wrong token under its project',
      {},
      { token: 'bad' },
      { outcome: 'wrong_token', projectId: 7, detail: 'The project shop does not have this collect token.' },
    ],
    [
      'refuses a page that is not on the list of the project',
      { origin: 'https://evil.example' },
      { rules: guarded },
      { outcome: 'origin_not_allowed', reason: 'origin_not_allowed', projectId: 7 },
    ],
    [
      'takes in a page that is on it',
      { origin: 'https://shop.example' },
      { rules: guarded },
      { outcome: 'stored' },
    ],
    [
      'refuses a body over the limit of the installation',
      { exceededLimitBytes: 10 },
      {},
      {
        outcome: 'too_large',
        reason: 'inflated_too_large',
        detail: 'The request body is larger than 10 bytes.',
      },
    ],
    [
      'refuses a body over the limit of the project',
      {},
      { rules: theRules({ bodyLimitBytes: 99 }) },
      { outcome: 'too_large', detail: 'The request body is larger than 99 bytes.' },
    ],
    ['takes in a body at the limit', {}, { rules: theRules({ bodyLimitBytes: 100 }) }, { outcome: 'stored' }],
  ])('%s', (_name, how, whom, expected) => {
    expect(admit({ ...arrival, ...how }, { ...bySlug, ...whom })).toMatchObject(expected);
  });

  it('shows at most 100 characters of what a client sent', () => {
    const refused = admit(arrival, { slug: 'x'.repeat(5_000), rules: null, token: null });
    expect((refused as { detail: string }).detail.length).toBeLessThan(130);
  });
});

describe('admitByKey', () => {
  const failure = dead('invalid_json', 'The body is not JSON.');

  it.each([
    ['takes in what has a good key', {}, {}, { outcome: 'stored', projectId: 7 }],
    [
      'shows a key that nobody has under the default project',
      {},
      { rules: null },
      { outcome: 'wrong_token', projectId: 1, detail: 'No project has this key.' },
    ],
    [
      'asks for a key where there is none',
      {},
      { rules: null, hasKey: false },
      { outcome: 'wrong_token', projectId: 1, detail: 'The request has no key.' },
    ],
    [
      'tells that a body cannot be read which may have held the key',
      {},
      { rules: null, hasKey: false, failure },
      { outcome: 'unreadable', projectId: 1, reason: 'invalid_json' },
    ],
    [
      'tells that a body is too large which may have held the key',
      { exceededLimitBytes: 10 },
      { rules: null, hasKey: false, failure },
      { outcome: 'too_large', projectId: 1 },
    ],
    [
      'does not say whether a body can be read to one who has no key',
      {},
      { rules: null, failure },
      { outcome: 'wrong_token' },
    ],
    [
      'shows what cannot be read under the project of its key',
      {},
      { failure },
      { outcome: 'unreadable', projectId: 7, reason: 'invalid_json', detail: 'The body is not JSON.' },
    ],
    [
      'looks at the origin before the body',
      { origin: 'https://evil.example' },
      { rules: guarded, failure },
      { outcome: 'origin_not_allowed' },
    ],
  ])('%s', (_name, how, found, expected) => {
    expect(admitByKey({ ...arrival, ...how }, { ...byKey, ...found })).toMatchObject(expected);
  });
});
