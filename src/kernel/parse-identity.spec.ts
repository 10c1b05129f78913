import { parseIdentity } from './parse-identity.js';

describe('an identity in an address', () => {
  it.each([
    ['$identity_login_id:u-1', { key: '$identity_login_id', value: 'u-1' }],
    ['openid:a:b', { key: 'openid', value: 'a:b' }],
    ['u-1', null],
    [':u-1', null],
    ['login:', null],
    ['', null],
  ])('%s', (text, expected) => {
    expect(parseIdentity(text)).toEqual(expected);
  });
});
