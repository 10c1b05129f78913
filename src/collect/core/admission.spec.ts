import { admit } from './admission.js';

const arrival = { slug: 'shop', projectId: 7, isTokenAccepted: true, exceededLimitBytes: null };

describe('admit', () => {
  it.each([
    ['takes in what a project accepts', {}, { outcome: 'stored', projectId: 7 }],
    [
      'shows an unknown project under the default one',
      { projectId: null, isTokenAccepted: false },
      {
        outcome: 'unknown_project',
        reason: 'unknown_project',
        projectId: 1,
        detail: 'There is no project shop.',
      },
    ],
    [
      'shows a wrong token under its project',
      { isTokenAccepted: false },
      { outcome: 'wrong_token', projectId: 7 },
    ],
    [
      'refuses a body over the limit',
      { exceededLimitBytes: 10 },
      { outcome: 'too_large', reason: 'inflated_too_large' },
    ],
  ])('%s', (_name, change, expected) => {
    expect(admit({ ...arrival, ...change })).toMatchObject(expected);
  });

  it('shows at most 100 characters of what a client sent', () => {
    const { detail } = admit({ ...arrival, slug: 'x'.repeat(5_000), projectId: null }) as { detail: string };
    expect(detail.length).toBeLessThan(130);
  });
});
