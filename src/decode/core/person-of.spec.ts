import { type NamedPerson, personOf } from './person-of.js';

const named = (change: Partial<NamedPerson>): NamedPerson => ({
  userId: undefined,
  anonymousId: undefined,
  ...change,
});

describe('personOf', () => {
  it.each<[string, Partial<NamedPerson>, string, Record<string, string>]>([
    [
      'a login, which is known as a plain id, too',
      { userId: 'u1' },
      'u1',
      { $identity_login_id: 'u1', $identity_anonymous_id: 'u1' },
    ],
    ['a device', { anonymousId: 'd1' }, 'd1', { $identity_anonymous_id: 'd1' }],
    [
      'both',
      { userId: 'u1', anonymousId: 'd1' },
      'u1',
      { $identity_login_id: 'u1', $identity_anonymous_id: 'd1' },
    ],
    ['a number', { userId: 7 }, '7', { $identity_login_id: '7', $identity_anonymous_id: '7' }],
    [
      'an identity of another kind, as SDKs write it',
      { identities: { $identity_email: 'a@example.com' } },
      '$identity_email+a@example.com',
      { $identity_email: 'a@example.com' },
    ],
    [
      'a login among the identities',
      { identities: { $identity_login_id: 'u1' } },
      'u1',
      { $identity_login_id: 'u1', $identity_anonymous_id: 'u1' },
    ],
  ])('makes a person of %s', (_name, change, distinctId, identities) => {
    expect(personOf(named(change))).toEqual({ kind: 'ok', distinctId, identities });
  });

  it.each<[string, Partial<NamedPerson>, string]>([
    ['nobody', {}, 'missing_distinct_id'],
    ['empty ids', { userId: '', anonymousId: null }, 'missing_distinct_id'],
    ['an object', { userId: {} }, 'invalid_name'],
    ['an id that is too long', { anonymousId: 'x'.repeat(256) }, 'invalid_name'],
    ['one good id beside a bad one', { userId: 'u1', anonymousId: [] }, 'invalid_name'],
  ])('refuses %s', (_name, change, reason) => {
    expect(personOf(named(change))).toMatchObject({ kind: 'dead', reason });
  });
});
