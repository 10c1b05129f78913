import { hashApiKey } from '../platform/secrets/secrets.js';
import { indexCollectRules } from './collect-rules.js';

const project = (id: number, slug: string) => ({ id, slug, name: slug, timeZone: 'UTC' });

describe('indexCollectRules', () => {
  const { bySlug, byId, byToken } = indexCollectRules(
    [project(1, 'default'), project(7, 'shop')],
    [
      { projectId: 7, tokenHash: hashApiKey('web') },
      { projectId: 7, tokenHash: hashApiKey('app') },
      { projectId: 9, tokenHash: hashApiKey('gone') },
    ],
    [
      {
        projectId: 7,
        allowedOrigins: ['https://shop.example'],
        bodyLimitBytes: 5_000,
        lateDays: 3,
        futureMinutes: null,
      },
    ],
  );

  it.each([
    ['a project without tokens takes any', 'default', 'x', true],
    ['a project without tokens needs none', 'default', null, true],
    ['a project takes each of its tokens', 'shop', 'app', true],
    ['a project with tokens takes no other', 'shop', 'x', false],
    ['a project with tokens needs one', 'shop', null, false],
  ])('%s', (_name, slug, token, expected) => {
    expect(bySlug.get(slug)?.acceptsToken(token)).toBe(expected);
  });

  it('finds a project by its token, and none by that of a project that is gone', () => {
    expect(byToken.get(hashApiKey('web'))?.slug).toBe('shop');
    expect(byToken.get(hashApiKey('gone'))).toBeUndefined();
  });

  it('knows what a project has set, and that another has set nothing', () => {
    expect(bySlug.get('shop')).toMatchObject({ projectId: 7, bodyLimitBytes: 5_000 });
    expect([...(bySlug.get('shop')?.allowedOrigins ?? [])]).toEqual(['https://shop.example']);
    expect(byId.get(7)?.timeLimits).toEqual({ lateDays: 3, futureMinutes: null });
    expect(bySlug.get('default')).toMatchObject({ bodyLimitBytes: null, allowedOrigins: new Set() });
  });
});
