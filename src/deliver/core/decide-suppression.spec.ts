import {
  type BlockRule,
  blockKeysOf,
  decideAddition,
  decideSuppression,
  normaliseBlockValue,
  type Recipient,
} from './decide-suppression.js';

const NOW = Date.UTC(2026, 0, 2);

function aRule(changes: Partial<BlockRule> = {}): BlockRule {
  return {
    id: 'blk_1',
    channel: 'email',
    kind: 'address',
    value: 'ann@mail.example.com',
    reason: 'manual',
    expiresAt: null,
    removedAt: null,
    ...changes,
  };
}

const ANN: Recipient = { channel: 'email', address: 'Ann@Mail.Example.com', userId: 7 };

describe('decideSuppression', () => {
  it.each<[string, Partial<BlockRule>]>([
    ['her address, whatever its case', {}],
    ['her address on every channel', { channel: '*' }],
    ['her address until a later moment', { expiresAt: NOW + 1 }],
    ['herself', { kind: 'user', value: 'usr_7' }],
    ['the domain of her address', { kind: 'domain', value: 'mail.example.com' }],
    ['a domain above that of her address', { kind: 'domain', value: 'example.com' }],
  ])('suppresses when the blocklist names %s', (_case, rule) => {
    expect(decideSuppression([aRule(rule)], ANN, NOW)).toMatchObject({ kind: 'suppress' });
  });

  it.each<[string, Partial<BlockRule>]>([
    ['another channel', { channel: 'sms' }],
    ['another address', { value: 'bob@mail.example.com' }],
    ['another user', { kind: 'user', value: 'usr_70' }],
    ['a domain that only ends alike', { kind: 'domain', value: 'ample.com' }],
    ['an entry that ended at this moment', { expiresAt: NOW }],
    ['an entry that was removed', { removedAt: NOW - 1 }],
  ])('allows when the blocklist names %s', (_case, rule) => {
    expect(decideSuppression([aRule(rule)], ANN, NOW)).toEqual({ kind: 'allow' });
  });

  it('names the entry that is nearest to the person', () => {
    const rules = [
      aRule({ id: 'blk_domain', kind: 'domain', value: 'example.com' }),
      aRule({ id: 'blk_address' }),
      aRule({ id: 'blk_user', kind: 'user', value: 'usr_7' }),
    ];
    expect(decideSuppression(rules, ANN, NOW)).toMatchObject({ rule: { id: 'blk_user' } });
    expect(decideSuppression(rules.slice(0, 2), ANN, NOW)).toMatchObject({ rule: { id: 'blk_address' } });
  });
});

describe('blockKeysOf', () => {
  it('has no domain for an address that is not an e-mail address', () => {
    expect(blockKeysOf({ channel: 'sms', address: '+00012345', userId: null })).toEqual([
      { kind: 'address', value: '+00012345' },
    ]);
  });
});

describe('normaliseBlockValue', () => {
  it.each([
    ['address', ' Ann@Example.COM ', 'ann@example.com'],
    ['domain', '@Example.com', 'example.com'],
    ['domain', 'example.com.', 'example.com'],
    ['user', 'usr_7', 'usr_7'],
  ] as const)('keeps the %s "%s" as "%s"', (kind, value, expected) => {
    expect(normaliseBlockValue(kind, value)).toBe(expected);
  });
});

describe('decideAddition', () => {
  it.each<[string, { expiresAt: number | null } | null, number | null, string]>([
    ['inserts where there is none', null, null, 'insert'],
    ['keeps one that never ends', { expiresAt: null }, NOW + 5, 'keep'],
    ['keeps one that is the same', { expiresAt: NOW + 5 }, NOW + 5, 'keep'],
    ['replaces one that ends earlier', { expiresAt: NOW + 5 }, null, 'replace'],
    ['replaces one that has ended', { expiresAt: NOW }, NOW + 5, 'replace'],
  ])('%s', (_case, present, expiresAt, expected) => {
    expect(decideAddition(present, { expiresAt }, NOW)).toBe(expected);
  });
});
