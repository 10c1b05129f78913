import type { Readable } from 'node:stream';

/** What came of a request's body. */
export interface CollectedBody {
  bytes: Buffer;
  /** The body was over the limit; `bytes` holds only its beginning. */
  isTooLarge: boolean;
  /** The body was not read: others fill the memory set aside for bodies. */
  isShed: boolean;
}

export const NO_BODY: CollectedBody = { bytes: Buffer.alloc(0), isTooLarge: false, isShed: false };

/** Bytes of bodies in memory over all requests under way, so that an onslaught cannot fill it. */
export interface BodyBudget {
  usedBytes: number;
}

export interface BodyLimits {
  bytes: number;
  /** How much of a body over the limit is kept. */
  keptBytes: number;
}

/** How much of an oversized body is read and thrown away, in multiples of the limit. */
const PATIENCE = 8;

/**
 * Reads a body as bytes, up to a limit.
 * A larger one is read to its end and thrown away, for a client that is cut off takes it for a network failure and
 * sends the same again; one far beyond the limit is cut off all the same.
 */
export function readBody(stream: Readable, limits: BodyLimits, budget: BodyBudget): Promise<CollectedBody> {
  return new Promise((resolve, reject) => {
    const collector = new ChunkCollector(limits, budget);
    const onData = (chunk: Buffer) => {
      collector.add(chunk);
      if (collector.sizeBytes > limits.bytes * PATIENCE)
        stream.destroy(new Error('The body is far over the limit.'));
    };
    const onEnd = () => {
      leave();
      resolve({ bytes: collector.toBuffer(), isTooLarge: collector.sizeBytes > limits.bytes, isShed: false });
    };
    const onError = (error: Error) => {
      leave();
      reject(error);
    };
    // Listeners that stay make requests outlive two collections of young objects, and each then costs the large one.
    const leave = () => {
      stream.off('data', onData).off('end', onEnd).off('error', onError);
      collector.release();
    };
    stream.on('data', onData).on('end', onEnd).on('error', onError);
  });
}

class ChunkCollector {
  sizeBytes = 0;
  private chunks: Buffer[] = [];
  private keptBytes = 0;

  constructor(
    private readonly limits: BodyLimits,
    private readonly budget: BodyBudget,
  ) {}

  add(chunk: Buffer): void {
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > this.limits.bytes && this.keptBytes >= this.limits.keptBytes) {
      this.keepOnlyBeginning();
      return;
    }
    this.chunks.push(chunk);
    this.keptBytes += chunk.length;
    this.budget.usedBytes += chunk.length;
  }

  toBuffer(): Buffer {
    const first = this.chunks[0];
    return this.chunks.length === 1 && first ? first : Buffer.concat(this.chunks);
  }

  /** Gives back its share of the budget; the bytes are the journal's from here. */
  release(): void {
    this.budget.usedBytes -= this.keptBytes;
    this.keptBytes = 0;
  }

  private keepOnlyBeginning(): void {
    if (this.keptBytes === this.limits.keptBytes) return;
    const kept = this.limits.keptBytes;
    this.chunks = [Buffer.concat(this.chunks, kept)];
    this.budget.usedBytes -= this.keptBytes - kept;
    this.keptBytes = kept;
  }
}
