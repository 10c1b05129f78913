import type { ClientBase } from 'pg';

/**
 * For `onConnect` of a pool. A server that dies ends connections also between two queries of somebody who has
 * one out of the pool. The pool listens only to those in it, and an error that nobody listens to would end
 * this process; with this, the next query on that connection fails instead.
 */
export function outliveConnection(client: ClientBase): void {
  client.on('error', () => {});
}
