import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CannotFit } from '../core/fit.js';
import type { OnnxAnswers, OnnxReply, OnnxRequest } from './onnx-messages.js';

/** What the package that runs models is called; it is optional, because it is large. */
export const ONNX_RUNTIME = 'onnxruntime-node';

const CHILD = fileURLToPath(new URL('./onnx.child.js', import.meta.url));
/** The shell sets limits that only a process can set for itself: no core dumps, and no more memory than this. */
const LIMITED = 'ulimit -c 0; ulimit -d "$0"; exec "$@"';

export interface OnnxLimits {
  maxMemoryBytes: number;
  /** How long one answer may take. */
  answerTimeoutMs: number;
}

/** Whether models can be run here. */
export function hasOnnxRuntime(runtime = ONNX_RUNTIME): boolean {
  try {
    import.meta.resolve(runtime);
    return true;
  } catch {
    return false;
  }
}

/**
 * One process for one model that was brought along. It asks one thing at a time. A model that takes too long is killed;
 * one that crashes, or needs too much memory, ends its own process and not ours.
 */
export class OnnxProcess {
  private readonly child: ChildProcess;
  private settle: { resolve: (value: unknown) => void; reject: (error: unknown) => void } | null = null;
  private failure: Error | null = null;

  /** @param signal ends the process, whatever it does; what is asked then fails with its reason */
  constructor(
    private readonly limits: OnnxLimits,
    signal: AbortSignal,
  ) {
    this.child = startChild(limits);
    this.child.on('message', (reply: OnnxReply) => this.receive(reply));
    this.child.on('error', (error) => this.fail(error));
    this.child.on('exit', (code, by) => this.fail(new CannotFit(toEnd(code, by, limits))));
    const end = () => {
      this.fail(signal.reason instanceof Error ? signal.reason : new Error('The model was stopped.'));
      this.stop();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  }

  /** @throws CannotFit where the model is to blame; the message is for people */
  ask<Request extends OnnxRequest>(request: Request): Promise<OnnxAnswers[Request['do']]> {
    return new Promise((resolve, reject) => {
      if (this.failure) {
        reject(this.failure);
        return;
      }
      const { answerTimeoutMs } = this.limits;
      const timer = setTimeout(() => {
        this.fail(
          new CannotFit(`The model gave no answer within ${answerTimeoutMs / 1000} s, and was ended.`),
        );
        this.stop();
      }, answerTimeoutMs);
      this.settle = {
        resolve: (value) => {
          clearTimeout(timer);
          (resolve as (value: unknown) => void)(value);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      this.child.send(request, (error) => {
        if (error) this.fail(error);
      });
    });
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }

  private receive(reply: OnnxReply): void {
    const { settle } = this;
    this.settle = null;
    if (reply.ok) settle?.resolve(reply.value);
    else settle?.reject(reply.isRefusal ? new CannotFit(reply.message) : new Error(reply.message));
  }

  /** The first failure is the one that is told; the end of the process that follows it says nothing new. */
  private fail(error: Error): void {
    this.failure ??= error;
    this.settle?.reject(this.failure);
    this.settle = null;
  }
}

function startChild({ maxMemoryBytes }: OnnxLimits): ChildProcess {
  const node = [process.execPath, '--max-old-space-size=512', CHILD, ONNX_RUNTIME];
  const command = ['-c', LIMITED, String(Math.ceil(maxMemoryBytes / 1024)), ...node];
  const isWindows = process.platform === 'win32';
  return spawn(isWindows ? process.execPath : '/bin/sh', isWindows ? node.slice(1) : command, {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    cwd: tmpdir(),
    // Nothing of ours: keys and passwords are no business of a model.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C', TZ: 'UTC' },
  });
}

function toEnd(code: number | null, by: NodeJS.Signals | null, { maxMemoryBytes }: OnnxLimits): string {
  const limitMb = Math.round(maxMemoryBytes / 1024 ** 2);
  return `The process that ran the model ended (${by ?? `code ${code}`}): the model crashed, or needed more than ${limitMb} MiB of memory.`;
}
