import type { PlannedMessage } from '../contract.js';
import { decidePlan } from './decide-plan.js';
import type { BlockRule } from './decide-suppression.js';

const RULE: BlockRule = {
  id: 'blk_1',
  channel: 'email',
  kind: 'user',
  value: 'usr_7',
  reason: 'unsubscribe',
  expiresAt: null,
  removedAt: null,
};
type Message = Pick<PlannedMessage, 'address' | 'holdReason' | 'channel' | 'userId'>;

function decide(
  changes: Partial<Message>,
  facts: { validAddress?: string | null; rules?: BlockRule[] } = {},
) {
  const message = { address: 'ann@example.com', holdReason: null, channel: 'email', userId: 7, ...changes };
  return decidePlan(message, { validAddress: 'ann@example.com', rules: [], now: 0, ...facts });
}

describe('decidePlan', () => {
  it('queues what nothing speaks against', () => {
    expect(decide({})).toEqual({ kind: 'queued', address: 'ann@example.com' });
  });

  it.each<[string, Partial<Message>, { validAddress?: string | null; rules?: BlockRule[] }, string]>([
    ['recall has decided so', { holdReason: 'control_group' }, { rules: [RULE] }, 'control_group'],
    ['the user has no address', { address: null }, { validAddress: null }, 'no_address'],
    ['the address is blank', { address: ' ' }, { validAddress: null }, 'no_address'],
    ['the address is none', { address: 'ann' }, { validAddress: null }, 'invalid_address'],
    ['the blocklist names the user', {}, { rules: [RULE] }, 'blocklisted'],
  ])('holds the message when %s', (_case, message, facts, reason) => {
    expect(decide(message, facts)).toMatchObject({ kind: 'held', reason });
  });

  it('says which entry of the blocklist it was', () => {
    expect(decide({}, { rules: [RULE] })).toMatchObject({ detail: 'unsubscribe (blk_1)' });
  });
});
