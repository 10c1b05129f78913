import { identitiesOfRecord, ownLoginKey } from './identities-of-record.js';

const anonymous = { isLogin: false, isUnbind: false };
const login = { isLogin: true, isUnbind: false };

describe('identitiesOfRecord', () => {
  it.each([
    ['an anonymous id of an old SDK', {}, 'dev-1', anonymous, { $identity_anonymous_id: 'dev-1' }],
    ['a login id of an old SDK', {}, 'u1', login, { $identity_login_id: 'u1', $identity_anonymous_id: 'u1' }],
    [
      'a browser of IDM 3, also under the common key',
      { $identity_cookie_id: 'c1' },
      'c1',
      anonymous,
      { $identity_cookie_id: 'c1', $identity_anonymous_id: 'c1' },
    ],
    [
      'a login of IDM 3, also under the common key',
      { $identity_cookie_id: 'c1', $identity_login_id: 'u1' },
      'u1',
      login,
      { $identity_cookie_id: 'c1', $identity_login_id: 'u1', $identity_anonymous_id: 'u1' },
    ],
    [
      'a login beside the anonymous id of its device',
      { $identity_anonymous_id: 'a1', $identity_login_id: 'u1' },
      'u1',
      login,
      { $identity_anonymous_id: 'a1', $identity_login_id: 'u1' },
    ],
    [
      'a login under a key of its own',
      { $identity_cookie_id: 'c1', member_no: '77' },
      'member_no+77',
      login,
      { $identity_cookie_id: 'c1', member_no: '77' },
    ],
    [
      'an address with a plus',
      {},
      'a+b@example.com',
      login,
      { $identity_login_id: 'a+b@example.com', $identity_anonymous_id: 'a+b@example.com' },
    ],
    [
      'an anonymous id beside another one',
      { $identity_anonymous_id: 'a1' },
      'a2',
      anonymous,
      { $identity_anonymous_id: 'a1', $identity_distinct_id: 'a2' },
    ],
    ['numbers as text', { member_no: 77 }, 'd', anonymous, { member_no: '77', $identity_anonymous_id: 'd' }],
  ])('knows %s', (_name, identities, distinctId, kind, expected) => {
    expect(identitiesOfRecord({ identities }, distinctId, kind)).toEqual(expected);
  });

  it('gives only what leaves the person for an unbind', () => {
    const record = { identities: { $identity_mobile: '000' } };
    expect(identitiesOfRecord(record, 'u1', { isLogin: false, isUnbind: true })).toEqual({
      $identity_mobile: '000',
    });
  });

  it.each([
    ['the key that only Rekindle may use', { $rekindle_user: '5' }],
    ['illegal names', { 'a b': 'x', 商品: 'x' }],
    ['dangerous names', JSON.parse('{"__proto__":"x","constructor":"y"}')],
    ['values that are no text', { a: null, b: {}, c: [], d: '', e: true }],
    ['values that are too long', { a: 'x'.repeat(256) }],
    ['values that no database keeps', { a: 'x\u0000', b: '\ud800' }],
  ])('leaves out %s', (_name, identities) => {
    const found = identitiesOfRecord({ identities }, 'd', anonymous);
    expect(found).toEqual({ $identity_anonymous_id: 'd' });
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  });
});

describe('the key of its own under which a user signed in', () => {
  it.each<[string, string, boolean, Record<string, string>, string | null]>([
    ['is the one of the login', 'member_no+77', true, { member_no: '77' }, 'member_no'],
    ['is none for the usual login', 'u1', true, { $identity_login_id: 'u1' }, null],
    ['is none where an address has a plus', 'a+b@example.com', true, {}, null],
    ['is none where nobody signed in', '$identity_email+a', false, { $identity_email: 'a' }, null],
  ])('%s', (_name, distinctId, isLogin, identities, expected) => {
    expect(ownLoginKey(distinctId, isLogin, identities)).toBe(expected);
  });
});
