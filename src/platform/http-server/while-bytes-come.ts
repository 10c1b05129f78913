/** How long bytes may be waited for: at a time, and from the first to the last. */
export interface UploadLimits {
  idleMs: number;
  totalMs: number;
}

/** What was waited for did not come in time. */
export class StalledError extends Error {
  constructor(
    readonly limit: 'idle' | 'total',
    readonly limitMs: number,
  ) {
    super(`The bytes stopped coming (${limit}, ${limitMs} ms).`);
  }
}

/**
 * Hands on bytes as they come. Time that the reader takes between them is nobody's delay, but counts as part of the
 * whole.
 * @throws StalledError
 */
export async function* whileBytesCome(
  source: AsyncIterable<Uint8Array>,
  { idleMs, totalMs }: UploadLimits,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  const until = performance.now() + totalMs;
  let isWaiting = false;
  try {
    for (;;) {
      const restMs = until - performance.now();
      const error = restMs < idleMs ? new StalledError('total', totalMs) : new StalledError('idle', idleMs);
      isWaiting = true;
      const next = await within(iterator.next(), Math.max(0, Math.min(restMs, idleMs)), error);
      isWaiting = false;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // A source that stands still would not answer.
    if (!isWaiting) await iterator.return?.();
  }
}

function within<T>(work: Promise<T>, limitMs: number, error: Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(error), limitMs);
    // What comes too late is of no interest, a failure included.
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
