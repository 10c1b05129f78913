import { type CallbackTry, settleCallback } from './settle-callback.js';

const NOW = 1_000_000;
const settle = (outcome: CallbackTry, attempts = 1, isRepeatSafe = true) =>
  settleCallback(outcome, { attempts, isRepeatSafe, now: NOW });
const answered = (kind: 'retry' | 'rejected'): CallbackTry => ({
  kind: 'answered',
  answer: { kind, detail: 'why' },
});

describe('settleCallback', () => {
  it('is done when the network accepts', () => {
    expect(settle({ kind: 'answered', answer: { kind: 'accepted' } })).toEqual({ state: 'done' });
  });

  it.each<[string, CallbackTry, number, string]>([
    ['tries a refusal again', answered('rejected'), 1, 'queued'],
    ['gives a refusal up after 3 tries', answered('rejected'), 3, 'failed'],
    ['tries an outage again', answered('retry'), 7, 'queued'],
    ['gives an outage up after 8 tries', answered('retry'), 8, 'failed'],
    ['never tries a forbidden address', { kind: 'forbidden', detail: 'why' }, 1, 'failed'],
    ['tries again after a timeout', { kind: 'no_answer', detail: 'why' }, 1, 'queued'],
  ])('%s', (_, outcome, attempts, state) => {
    expect(settle(outcome, attempts).state).toBe(state);
  });

  it('leaves a call without an answer unknown where the network counts a repeated one twice', () => {
    expect(settle({ kind: 'no_answer', detail: 'why' }, 1, false)).toEqual({
      state: 'unknown',
      error: 'why',
    });
  });

  it('waits longer each time', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((attempts) => {
      const settled = settle(answered('retry'), attempts);
      return settled.state === 'queued' ? settled.nextAttemptAt - NOW : 0;
    });
    expect(waits[0]).toBe(10_000);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
  });
});
