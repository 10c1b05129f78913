import { decideReservations, type QueuedMessage } from './decide-reservation.js';
import type { BlockRule } from './decide-suppression.js';

const NOW = Date.UTC(2026, 0, 2);
const CAP = { limit: 1, windowMs: 86_400_000 };

function aMessage(changes: Partial<QueuedMessage> = {}): QueuedMessage {
  return {
    id: 'msg_1',
    userId: 7,
    channel: 'email',
    address: 'ann@example.com',
    frequencyCap: null,
    ...changes,
  };
}

function decide(messages: QueuedMessage[], sent: Record<string, number> = {}, rules: BlockRule[] = []) {
  const facts = { rules, sentInWindow: new Map(Object.entries(sent)), now: NOW };
  return decideReservations(messages, facts).map((decision) =>
    decision.kind === 'held' ? decision.reason : decision.kind,
  );
}

describe('decideReservations', () => {
  it('sends what nothing speaks against', () => expect(decide([aMessage()])).toEqual(['send']));

  it('holds what the blocklist names', () => {
    const rule: BlockRule = {
      id: 'blk_1',
      channel: '*',
      kind: 'address',
      value: 'ann@example.com',
      reason: 'complaint',
      expiresAt: null,
      removedAt: null,
    };
    expect(decide([aMessage()], {}, [rule])).toEqual(['blocklisted']);
  });

  it.each([
    [0, 'send'],
    [1, 'frequency_cap'],
    [5, 'frequency_cap'],
  ])('with a cap of one and %i sent before, the decision is %s', (sent, expected) => {
    expect(decide([aMessage({ frequencyCap: CAP })], { msg_1: sent })).toEqual([expected]);
  });

  it('lets only one of two capped messages to one user in one batch pass', () => {
    const two = [aMessage({ frequencyCap: CAP }), aMessage({ id: 'msg_2', frequencyCap: CAP })];
    expect(decide(two)).toEqual(['send', 'frequency_cap']);
  });

  it('counts a message without a cap against the cap of the next', () => {
    expect(decide([aMessage(), aMessage({ id: 'msg_2', frequencyCap: CAP })])).toEqual([
      'send',
      'frequency_cap',
    ]);
  });

  it('does not cap messages that go to an address only', () => {
    expect(decide([aMessage({ userId: 0, frequencyCap: CAP })], { msg_1: 5 })).toEqual(['send']);
  });

  it('counts users and channels apart', () => {
    const others = [
      aMessage({ frequencyCap: CAP }),
      aMessage({ id: 'msg_2', channel: 'sms', frequencyCap: CAP }),
      aMessage({ id: 'msg_3', userId: 8, frequencyCap: CAP }),
    ];
    expect(decide(others)).toEqual(['send', 'send', 'send']);
  });
});
