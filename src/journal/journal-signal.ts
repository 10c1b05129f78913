import { Injectable } from '@nestjs/common';

/** Tells the reader in this process which lanes have new rows, so that it need not wait for its next look. */
@Injectable()
export class JournalSignal {
  private raised = new Set<number>();
  private wake: (() => void) | null = null;

  raise(lanes: Iterable<number>): void {
    for (const lane of lanes) this.raised.add(lane);
    this.wake?.();
  }

  /** The lanes raised since the last call; resolves at once where there are any, else at the next signal or after `timeoutMs`. */
  async wait(timeoutMs: number): Promise<ReadonlySet<number>> {
    if (this.raised.size === 0) await this.untilWoken(timeoutMs);
    const lanes = this.raised;
    this.raised = new Set();
    return lanes;
  }

  private untilWoken(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.wake = () => {
        this.wake = null;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
