import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what systems give to outgoing connections (from 32768 on Linux), which would take the port of an engine while it restarts. */
const LOWEST = 20_000;
const HIGHEST = 32_767;
const ATTEMPTS = 100;

/** A TCP port of 127.0.0.1 that was free a moment ago; whoever binds it must be ready to ask again. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port of 127.0.0.1 between ${LOWEST} and ${HIGHEST} could be bound.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isBound = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isBound) await new Promise((resolve) => server.close(resolve));
  return isBound;
}
