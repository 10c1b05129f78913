import { News } from '../platform/threads/news.js';
import { JournalSignal } from './journal-signal.js';

const LONG_MS = 60_000;

describe('the signal of the journal', () => {
  it('tells the lanes raised while nobody waited, once', async () => {
    const signal = new JournalSignal(new News());
    signal.raise([
      { lane: 3, decodedBytes: 1 },
      { lane: 5, decodedBytes: 1 },
    ]);
    expect([...(await signal.wait(LONG_MS))]).toEqual([3, 5]);
    expect((await signal.wait(1)).size).toBe(0);
  });

  it('wakes who waits', async () => {
    const signal = new JournalSignal(new News());
    const waiting = signal.wait(LONG_MS);
    signal.raise([{ lane: 2, decodedBytes: 1 }]);
    expect([...(await waiting)]).toEqual([2]);
  });

  it('ends a pause when the lane has filled, and not for another lane', async () => {
    const signal = new JournalSignal(new News());
    let isOver = false;
    const pause = signal.untilFilled(1, 100, LONG_MS).then(() => {
      isOver = true;
    });
    signal.raise([{ lane: 2, decodedBytes: 1_000 }]);
    signal.raise([{ lane: 1, decodedBytes: 60 }]);
    await Promise.resolve();
    expect(isOver).toBe(false);
    signal.raise([{ lane: 1, decodedBytes: 60 }]);
    await pause;
    expect(isOver).toBe(true);
  });

  it('ends a pause after its time', async () => {
    await new JournalSignal(new News()).untilFilled(1, 100, 5);
  });
});
