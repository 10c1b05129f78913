import { DEFAULT_RULES, RuleBook } from './identity-rules.js';

const book = (change: Partial<typeof DEFAULT_RULES> = {}, loginKeys: string[] = []) =>
  new RuleBook({ ...DEFAULT_RULES, ...change }, loginKeys);

describe('what an identity may join', () => {
  it.each([
    ['a common value', 'a1', 0, null],
    ['a value that an SDK writes for nothing', 'null', 0, 'blocked_value'],
    ['the same in other letters', 'UNDEFINED', 0, 'blocked_value'],
    ['zero', '0', 0, 'blocked_value'],
    ['zeros of a UUID', '00000000-0000-0000-0000-000000000000', 0, 'blocked_value'],
    ['zeros of a hardware address', '00:00:00:00:00:00', 0, 'blocked_value'],
    ['a number with zeros', '1000', 0, null],
    ['dashes alone', '---', 0, null],
    ['a value that few claimed', 'a1', 4, null],
    ['a value that too many claimed', 'a1', 5, 'shared_value'],
  ])('%s', (_name, value, claims, expected) => {
    expect(book().whyApart({ key: '$identity_email', value }, claims)).toBe(expected);
  });

  it('nothing, under a key that never joins', () => {
    const rules = book({ separateKeys: ['kiosk'] });
    expect(rules.whyApart({ key: 'kiosk', value: 'a1' }, 0)).toBe('key_never_joins');
  });

  it('is unique under the usual login, the keys of the project and those that apps signed in with', () => {
    const rules = book({ uniqueKeys: ['passport'] }, ['member_no']);
    expect(
      ['$identity_login_id', 'passport', 'member_no', '$identity_email'].map((key) => rules.isUnique(key)),
    ).toEqual([true, true, true, false]);
  });
});
