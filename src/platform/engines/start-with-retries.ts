import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineSite } from './engine-site.js';
import { EngineFailure } from './engine-start-error.js';
import { freePort } from './free-port.js';
import { classifyStartFailure, toStartError } from './start-failure.js';

const PORT_ATTEMPTS = 5;
/** How long a predecessor that was killed may take to let go of its folder. */
const PREDECESSOR_TIMEOUT_MS = 10_000;

/** Starts an engine on its port or a free one; again when the port was taken meanwhile or a dying predecessor holds the folder. */
export async function startWithRetries<T>(
  product: string,
  { dataDir, port }: Pick<EngineSite, 'dataDir' | 'port'>,
  start: (port: number) => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + PREDECESSOR_TIMEOUT_MS;
  let portsTried = 0;
  for (;;) {
    try {
      return await start(port ?? (await freePort()));
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      const failure = classifyStartFailure(error.lines);
      if (failure === 'port_busy' && ++portsTried < PORT_ATTEMPTS) continue;
      if (failure !== 'folder_busy' || Date.now() > deadline) throw toStartError(product, dataDir, error);
      await sleep(250);
    }
  }
}
