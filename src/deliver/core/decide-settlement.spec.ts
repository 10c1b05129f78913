import type { SendResult } from './channel.js';
import { decideSettlement } from './decide-settlement.js';

const LATER: SendResult = { kind: 'retry', reason: 'provider_unavailable', afterMs: 0, detail: '450 later' };

describe('decideSettlement', () => {
  it.each<SendResult>([
    { kind: 'accepted', providerMessageId: 'x' },
    { kind: 'rejected', reason: 'address_refused', permanent: true, detail: '550' },
    { kind: 'unknown', reason: 'timeout', detail: 'no answer' },
  ])('keeps a final answer as it is: $kind', (result) => {
    expect(decideSettlement(result, 1)).toEqual(result);
  });

  it.each([
    [1, 30_000],
    [2, 120_000],
    [3, 480_000],
    [4, 1_920_000],
  ])('after try %i a transient refusal waits %i ms', (attempts, afterMs) => {
    expect(decideSettlement(LATER, attempts)).toMatchObject({ kind: 'queued', afterMs });
  });

  it('waits as long as the provider asks for', () => {
    expect(decideSettlement({ ...LATER, afterMs: 3_600_000 }, 1)).toMatchObject({ afterMs: 3_600_000 });
  });

  it('gives up after the fifth try, with the reason', () => {
    expect(decideSettlement(LATER, 5)).toEqual({
      kind: 'failed',
      reason: 'provider_unavailable',
      detail: '450 later',
    });
  });
});
