// Starts the embedded engines in a process of their own: `node engines-process.mjs <data folder> [<JSON of more options>]`.
// Prints one line of JSON, { urls, pids, tookMs } or { error }; another for each engine that dies, { engine, detail }, and,
// asked by SIGUSR2, one with the { pids } of now. Stops them on SIGTERM.

import { startEngines } from '../../dist/src/platform/engines/embedded-engines.js';
import { EngineStartError } from '../../dist/src/platform/engines/engine-start-error.js';

const startedAt = Date.now();
const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
try {
  const engines = await startEngines({
    dataDir: process.argv[2],
    ...JSON.parse(process.argv[3] ?? '{}'),
    onLog: (engine, line) => process.stderr.write(`${engine}: ${line}\n`),
    onDeath: (engine, detail) => answer({ engine, detail }),
    onExit: (engine, detail) => answer({ engine, detail, isFinal: true }),
  });
  process.on('SIGUSR2', () => answer({ pids: engines.pids() }));
  process.once('SIGTERM', () => void engines.stop().then(() => process.exit(0)));
  answer({ urls: engines.urls, pids: engines.pids(), tookMs: Date.now() - startedAt });
} catch (error) {
  answer({ error: error.message, isStartError: error instanceof EngineStartError });
  process.exitCode = 1;
}
