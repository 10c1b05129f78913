import {
  type Claim,
  type ClaimedIdentity,
  type MergePlan,
  mergeIdentity,
  type PersonFacts,
} from './merge-identity.js';

const LOGIN = '$identity_login_id';

/** `login` and `member` are unique keys; every identity is named by its key. */
const identity = (
  key: string,
  owner: number | null,
  apart: ClaimedIdentity['apart'] = null,
): ClaimedIdentity => ({ id: key, key, owner, names: key === LOGIN || key === 'member', apart });

const facts = (change: Partial<PersonFacts> = {}): PersonFacts => ({
  uniqueKeys: new Set(),
  absorbed: 0,
  splitFrom: new Set(),
  ...change,
});

const signedIn = (...keys: string[]) => facts({ uniqueKeys: new Set(keys) });

const plan = (
  identities: ClaimedIdentity[],
  { persons = {}, ...claim }: Partial<Claim> & { persons?: Record<number, PersonFacts> } = {},
): MergePlan =>
  mergeIdentity({
    identities,
    joins: true,
    factsOf: (userId) => persons[userId] ?? facts(),
    mergesPerUser: 10,
    ...claim,
  });

const outcome = (expected: Partial<MergePlan>): MergePlan => ({
  person: null,
  assign: [],
  absorb: [],
  refused: [],
  ...expected,
});

describe('a record and the users of its identities', () => {
  it.each<[string, MergePlan, Partial<MergePlan>]>([
    [
      'an unknown device is a new user',
      plan([identity('device', null)], { joins: false }),
      { assign: ['device'] },
    ],
    [
      'the anonymous user of the device becomes the one who logs in first',
      plan([identity(LOGIN, null), identity('device', 7)]),
      { person: 7, assign: [LOGIN] },
    ],
    [
      'the anonymous user of a second device joins the known login',
      plan([identity(LOGIN, 3), identity('device', 9)], { persons: { 3: signedIn(LOGIN) } }),
      { person: 3, absorb: [9] },
    ],
    [
      'a second login on a device is another user, and the device stays with the first',
      plan([identity(LOGIN, null), identity('device', 3)], { persons: { 3: signedIn(LOGIN) } }),
      { assign: [LOGIN], refused: [{ id: 'device', owner: 3, reason: 'other_login' }] },
    ],
    [
      'a device of a user with a login under another key stays with them',
      plan([identity(LOGIN, null), identity('device', 3)], { persons: { 3: signedIn('member') } }),
      { assign: [LOGIN], refused: [{ id: 'device', owner: 3, reason: 'other_login' }] },
    ],
    [
      'a login that names the user by their other login joins them',
      plan([identity(LOGIN, null), identity('member', 3), identity('device', 3)], {
        persons: { 3: signedIn('member') },
      }),
      { person: 3, assign: [LOGIN] },
    ],
    [
      'two logins of different keys are joined where a record names both',
      plan([identity(LOGIN, 3), identity('member', 4)], {
        persons: { 3: signedIn(LOGIN), 4: signedIn('member') },
      }),
      { person: 3, absorb: [4] },
    ],
    [
      'two logins of the same key are never joined, whatever names them',
      plan([identity(LOGIN, 3), identity('member', 4)], {
        persons: { 3: signedIn(LOGIN), 4: signedIn(LOGIN, 'member') },
      }),
      { person: 3, refused: [{ id: 'member', owner: 4, reason: 'other_login' }] },
    ],
    [
      'a user gets no second value of a unique key',
      plan([identity(LOGIN, 3), identity('member', null)], { persons: { 3: signedIn(LOGIN, 'member') } }),
      { person: 3, refused: [{ id: 'member', owner: null, reason: 'other_login' }] },
    ],
    [
      'an e-mail of two users with logins stays with the first',
      plan([identity(LOGIN, 4), identity('email', 3)], {
        persons: { 3: signedIn(LOGIN), 4: signedIn(LOGIN) },
      }),
      { person: 4, refused: [{ id: 'email', owner: 3, reason: 'other_login' }] },
    ],
    [
      'bound identities without a login are joined, the first known user stays',
      plan([identity('email', 4), identity('phone', 5), identity('other', null)]),
      { person: 4, assign: ['other'], absorb: [5] },
    ],
    [
      'of bound identities the user with a login stays, wherever they are named',
      plan([identity('device', 4), identity('email', 5)], { persons: { 5: signedIn(LOGIN) } }),
      { person: 5, absorb: [4] },
    ],
    [
      'a plain event joins nobody',
      plan([identity('a', 4), identity('b', 5), identity('c', null)], { joins: false }),
      { person: 4, assign: ['c'] },
    ],
    [
      'an event of a login that nobody saw yet does not take the device over',
      plan([identity(LOGIN, null), identity('device', 4)], { joins: false }),
      { assign: [LOGIN] },
    ],
    [
      'an identity that may join nobody is left aside',
      plan([identity(LOGIN, 3), identity('device', 9, 'blocked_value')], { persons: { 3: signedIn(LOGIN) } }),
      { person: 3, refused: [{ id: 'device', owner: 9, reason: 'blocked_value' }] },
    ],
    [
      'an identity that may join nobody has a user of its own where the record has no other',
      plan([identity('device', null, 'blocked_value')], { joins: false }),
      { assign: ['device'] },
    ],
    [
      'nobody takes in more users than the limit',
      plan([identity(LOGIN, 3), identity('a', 4), identity('b', 5), identity('c', 6)], {
        mergesPerUser: 4,
        persons: { 3: { ...signedIn(LOGIN), absorbed: 1 }, 4: facts({ absorbed: 1 }), 5: facts() },
      }),
      { person: 3, absorb: [4, 5], refused: [{ id: 'c', owner: 6, reason: 'too_many_merges' }] },
    ],
    [
      'users who were split by hand are not joined again',
      plan([identity(LOGIN, 3), identity('device', 4)], {
        persons: { 3: { ...signedIn(LOGIN), splitFrom: new Set([4]) } },
      }),
      { person: 3, refused: [{ id: 'device', owner: 4, reason: 'undone_before' }] },
    ],
  ])('%s', (_name, actual, expected) => {
    expect(actual).toEqual(outcome(expected));
  });
});
