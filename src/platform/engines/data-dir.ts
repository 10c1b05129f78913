import { access, chmod, constants, mkdir, statfs } from 'node:fs/promises';
import { EngineStartError } from './engine-start-error.js';
import { errorCode } from './error-code.js';
import { noSpace, notWritable } from './start-failure.js';

/** Below it PostgreSQL cannot even be initialised (about 40 MB, and as much again for its log). */
const LEAST_FREE_BYTES = 100 * 1024 * 1024;

/** Makes the data folder if need be, and refuses one that cannot be used. */
export async function prepareDataDir(dataDir: string): Promise<void> {
  const made = await mkdir(dataDir, { recursive: true }).catch((error: unknown) => {
    // What node makes of EROFS when it makes several folders at once.
    if (errorCode(error) === 'ENOENT') throw new EngineStartError(notWritable(dataDir), { cause: error });
    throw error;
  });
  // Entered by the user that runs PostgreSQL when we are root, listed by nobody.
  if (made !== undefined) await chmod(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < LEAST_FREE_BYTES) throw new EngineStartError(noSpace(dataDir));
}
