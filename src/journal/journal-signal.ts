import { Injectable } from '@nestjs/common';

/** Tells the reader in this process that the journal has new rows, so that it need not wait for its next look. */
@Injectable()
export class JournalSignal {
  private listeners: (() => void)[] = [];

  raise(): void {
    const listeners = this.listeners;
    this.listeners = [];
    for (const listener of listeners) listener();
  }

  /** Resolves at the next signal, or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.listeners.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
