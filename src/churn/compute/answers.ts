import { CannotFit } from '../core/fit.js';

/** `isRefusal`: the message is for people. */
export type Reply = { ok: true; value: unknown } | { ok: false; message: string; isRefusal: boolean };

/** The answers of somebody who is asked one thing at a time, until they fail. */
export class Answers {
  private settle: { resolve: (value: unknown) => void; reject: (error: Error) => void } | null = null;
  private failure: Error | null = null;

  /** @param send hands over what is asked; it is not called where they failed before */
  next(send: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.failure) {
        reject(this.failure);
        return;
      }
      this.settle = { resolve, reject };
      send();
    });
  }

  receive(reply: Reply): void {
    const { settle } = this;
    this.settle = null;
    if (reply.ok) settle?.resolve(reply.value);
    else settle?.reject(reply.isRefusal ? new CannotFit(reply.message) : new Error(reply.message));
  }

  /** The first failure is the one that is told; the end that follows it says nothing new. */
  fail(error: Error): void {
    this.failure ??= error;
    this.settle?.reject(this.failure);
    this.settle = null;
  }
}
