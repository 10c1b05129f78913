import { setTimeout as sleep } from 'node:timers/promises';
import { StalledError, whileBytesCome } from './while-bytes-come.js';

/** Waits so long before each byte; then ends, or never does. */
async function* bytesAfter(waits: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const [i, ms] of waits.entries()) {
    await sleep(ms);
    yield Uint8Array.of(i);
  }
}

async function take(waits: readonly number[], limits: { idleMs: number; totalMs: number }, readMs = 0) {
  const taken: number[] = [];
  try {
    for await (const [byte] of whileBytesCome(bytesAfter(waits), limits)) {
      taken.push(byte ?? -1);
      await sleep(readMs);
    }
    return { taken, end: 'whole' };
  } catch (error) {
    return { taken, end: error instanceof StalledError ? error.limit : error };
  }
}

describe('bytes that are waited for', () => {
  it('may come slowly, as long as they come', async () => {
    expect(await take([40, 40, 40], { idleMs: 300, totalMs: 5_000 })).toEqual({
      taken: [0, 1, 2],
      end: 'whole',
    });
  });

  it('are given up where they stand still', async () => {
    expect(await take([0, 400], { idleMs: 100, totalMs: 5_000 })).toEqual({ taken: [0], end: 'idle' });
  });

  it('are given up where they take too long together', async () => {
    expect(await take([60, 60, 60, 60], { idleMs: 1_000, totalMs: 150 })).toEqual({
      taken: [0, 1],
      end: 'total',
    });
  });

  it('are not waited for while they are read', async () => {
    expect(await take([0, 0], { idleMs: 60, totalMs: 5_000 }, 150)).toEqual({ taken: [0, 1], end: 'whole' });
  });
});
