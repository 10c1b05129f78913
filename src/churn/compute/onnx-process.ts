import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CannotFit } from '../core/fit.js';
import { Answers, type Reply } from './answers.js';
import type { OnnxAnswers, OnnxRequest } from './onnx-messages.js';

/** What the package that runs models is called; it is optional, because it is large. */
export const ONNX_RUNTIME = 'onnxruntime-node';

const CHILD = fileURLToPath(new URL('./onnx.child.js', import.meta.url));
/**
 * The shell sets limits that only a process can set for itself: no core dumps, and no more memory and time of a processor
 * than this. The last one ends a model that never ends where we are gone ourselves.
 */
const LIMITED = 'ulimit -c 0; ulimit -d "$0"; ulimit -t "$1"; shift; exec "$@"';

/** For the start of the process, so that the limit of the run is the one that is told. */
const SPARE_CPU_SECONDS = 30;

export interface OnnxLimits {
  maxMemoryBytes: number;
  /** How long one answer may take. */
  answerTimeoutMs: number;
  /** How much time of a processor it may take in all. */
  maxCpuMs: number;
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
  private readonly answers = new Answers();

  /** @param signal ends the process, whatever it does; what is asked then fails with its reason */
  constructor(
    private readonly limits: OnnxLimits,
    signal: AbortSignal,
  ) {
    this.child = startChild(limits);
    this.child.on('message', (reply: Reply) => this.answers.receive(reply));
    this.child.on('error', (error) => this.answers.fail(error));
    this.child.on('exit', (code, by) => this.answers.fail(new CannotFit(toEnd(code, by, limits))));
    const end = () => {
      this.answers.fail(signal.reason instanceof Error ? signal.reason : new Error('The model was stopped.'));
      this.stop();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  }

  /** @throws CannotFit where the model is to blame; the message is for people */
  async ask<Request extends OnnxRequest>(request: Request): Promise<OnnxAnswers[Request['do']]> {
    const { answerTimeoutMs } = this.limits;
    const timer = setTimeout(() => {
      const detail = `The model gave no answer within ${answerTimeoutMs / 1000} s, and was ended.`;
      this.answers.fail(new CannotFit(detail));
      this.stop();
    }, answerTimeoutMs);
    try {
      const answer = this.answers.next(() =>
        this.child.send(request, (error) => {
          if (error) this.answers.fail(error);
        }),
      );
      return (await answer) as OnnxAnswers[Request['do']];
    } finally {
      clearTimeout(timer);
    }
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}

function startChild({ maxMemoryBytes, maxCpuMs }: OnnxLimits): ChildProcess {
  const node = [process.execPath, '--max-old-space-size=512', CHILD, ONNX_RUNTIME];
  const command = [
    '-c',
    LIMITED,
    String(Math.ceil(maxMemoryBytes / 1024)),
    String(Math.ceil(maxCpuMs / 1000) + SPARE_CPU_SECONDS),
    ...node,
  ];
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
