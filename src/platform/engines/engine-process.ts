import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineFailure, EngineStartError } from './engine-start-error.js';

const KEPT_LINES = 60; // a ClickHouse exception with its stack trace
const STOP_TIMEOUT_MS = 15_000;
const LAST_LINES_TIMEOUT_MS = 5_000;

/** The whole environment of an engine: nothing of ours, so that PGHOST, NODE_OPTIONS and the like cannot reach it. */
export const ENGINE_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C', TZ: 'UTC' };

/** An unprivileged user to run as. */
export interface RunAs {
  uid: number;
  gid: number;
  name: string;
}

export interface EngineCommand {
  file: string;
  args: readonly string[];
  runAs?: RunAs | undefined;
  onLine: (line: string) => void;
}

/** One engine as a child that lives as long as its standard input is open: it ends with us, however we end. */
export class EngineProcess {
  /** Settles when the process is gone and everything it said has been read. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly last: string[] = [];
  private hasEnded = false;
  private stopping: Promise<void> | undefined;

  constructor(private readonly command: EngineCommand) {
    const { runAs } = command;
    this.child = spawn(command.file, command.args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: '/',
      env: ENGINE_ENVIRONMENT,
      // A session of its own: Ctrl-C in a terminal must reach us only, who stop the engines last.
      detached: true,
      ...(runAs ? { uid: runAs.uid, gid: runAs.gid } : {}),
    });
    this.child.stdin?.on('error', () => {}); // the engine went first
    const read = [this.readLines(this.child.stdout), this.readLines(this.child.stderr)];
    this.ended = this.waitForEnd(read);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get lines(): readonly string[] {
    return this.last;
  }

  /** True from the moment somebody asked it to stop. */
  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /**
   * Waits for the engine's first answer.
   * @throws EngineFailure when it ends instead
   */
  async untilReady(isReady: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await isReady())) {
      if (this.hasEnded) throw new EngineFailure(this.last);
      if (Date.now() > deadline) {
        await this.stop();
        throw new EngineStartError(
          `An embedded engine did not answer within ${timeoutMs / 1000} s: set LOG_LEVEL=debug to see its lines (the last: ${this.last.at(-1) ?? 'none'}).`,
        );
      }
      await Promise.race([this.ended, sleep(20)]);
    }
    if (this.hasEnded) throw new EngineFailure(this.last);
  }

  /** Orderly, by the end of its standard input; after 15 s by force. */
  stop(): Promise<void> {
    this.stopping ??= this.stopNow();
    return this.stopping;
  }

  private async stopNow(): Promise<void> {
    this.child.stdin?.end();
    const timer = setTimeout(() => this.killGroup(), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  private killGroup(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // It ended between the check and the signal.
    }
  }

  private async waitForEnd(read: readonly Promise<void>[]): Promise<string> {
    const how = await new Promise<string>((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('exit', (code, signal) =>
        resolve(signal ? `killed by ${signal}` : `ended with code ${code}`),
      );
    });
    this.child.stdin?.destroy();
    // Its last lines are on their way; but a descendant may hold the pipes open for longer than it lived.
    await Promise.race([Promise.all(read), sleep(LAST_LINES_TIMEOUT_MS, undefined, { ref: false })]);
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
    this.hasEnded = true;
    this.last.push(how);
    return how;
  }

  private async readLines(stream: Readable | null): Promise<void> {
    if (!stream) return;
    stream.on('error', () => {}); // its end is seen by the process's end
    for await (const line of createInterface({ input: stream })) {
      if (line.trim() === '') continue;
      this.last.push(line);
      if (this.last.length > KEPT_LINES) this.last.shift();
      this.command.onLine(line);
    }
  }
}
