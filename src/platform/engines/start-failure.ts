import { EngineFailure, EngineStartError } from './engine-start-error.js';
import { errorCode } from './error-code.js';

export type StartFailure = 'port_busy' | 'folder_busy' | 'no_space' | 'read_only' | 'other';

const SIGNS: readonly [RegExp, StartFailure][] = [
  [/No space left on device|NOT_ENOUGH_SPACE/, 'no_space'],
  [/Read-only file system/, 'read_only'],
  [/Address already in use/, 'port_busy'],
  // PostgreSQL: backends of a killed predecessor; ClickHouse: the lock on its `status` file.
  [/pre-existing shared memory block|lock file ".*" already exists|Cannot lock file/, 'folder_busy'],
];

/** Tells from an engine's last lines why it ended. */
export function classifyStartFailure(lines: readonly string[]): StartFailure {
  const text = lines.join('\n');
  return SIGNS.find(([sign]) => sign.test(text))?.[1] ?? 'other';
}

/** The sentence for a start that failed for good. */
export function toStartError(product: string, dataDir: string, failure: EngineFailure): EngineStartError {
  const sentence = (text: string) => new EngineStartError(text, { cause: failure });
  const kind = classifyStartFailure(failure.lines);
  switch (kind) {
    case 'no_space':
      return sentence(noSpace(dataDir));
    case 'read_only':
      return sentence(notWritable(dataDir));
    case 'folder_busy':
      return sentence(
        `The embedded ${product} cannot use ${dataDir} because another process still does: end that process or set DATA_DIR to another folder.`,
      );
    case 'port_busy':
    case 'other': {
      return sentence(
        `The embedded ${product} ended while it started: set LOG_LEVEL=debug to see all its lines, or use a server of your own (it said: ${tellingLine(failure.lines)}).`,
      );
    }
  }
}

/** The last line that reports an error, for after it stack traces and summaries follow; else the last, how it ended. */
export function tellingLine(lines: readonly string[]): string {
  return lines.findLast((line) => /error|exception|fatal|panic/i.test(line)) ?? lines.at(-1) ?? 'nothing';
}

/** The sentence for an error of the file system under the data folder; undefined when it is another error. */
export function toDataDirError(dataDir: string, error: unknown): EngineStartError | undefined {
  const sentence = (text: string) => new EngineStartError(text, { cause: error });
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return sentence(noSpace(dataDir));
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return sentence(notWritable(dataDir));
    case 'ENOTDIR':
    case 'EEXIST':
      return sentence(
        `The data folder ${dataDir} cannot be made because a file is in its way: set DATA_DIR to a folder.`,
      );
    default:
      return undefined;
  }
}

export function noSpace(dataDir: string): string {
  return `The disk of the data folder ${dataDir} is full: free some space or set DATA_DIR to a folder on another disk.`;
}

export function notWritable(dataDir: string): string {
  return `The data folder ${dataDir} cannot be read and written by this user: change its permissions or set DATA_DIR to another folder.`;
}
