import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedEngine } from './engine-site.js';

/** An engine that dies more often than this within the time below has a cause that another start does not cure. */
const DEATHS_ALLOWED = 20;
const DEATHS_COUNTED_MS = 10 * 60_000;
const RETRY_MS = 250;

export interface Supervision {
  /** @param port the one to start on; without one any that is free */
  start: (port?: number) => Promise<StartedEngine>;
  /** It died and is being started again on the same port. */
  onDeath: (detail: string) => void;
  /** It died and stays so. */
  onEnd: (detail: string) => void;
}

/** Keeps an engine running: one that dies, nobody having asked it to, is started again where it was. */
export class SupervisedEngine {
  private isStopping = false;
  private restarting: Promise<void> = Promise.resolve();
  private readonly deathsAt: number[] = [];

  private constructor(
    private readonly supervision: Supervision,
    private current: StartedEngine,
  ) {
    this.watch();
  }

  /** @throws EngineStartError where the first start fails */
  static async start(supervision: Supervision): Promise<SupervisedEngine> {
    return new SupervisedEngine(supervision, await supervision.start());
  }

  get url(): string {
    return this.current.url;
  }

  get pid(): number | undefined {
    return this.current.pid;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.restarting;
    await this.current.engine.stop();
  }

  private watch(): void {
    const { engine } = this.current;
    void engine.ended.then(() => {
      if (this.isStopping) return;
      this.restarting = this.restart(engine.lines.join('\n'));
    });
  }

  /** Until it runs: it may die again while it starts. */
  private async restart(firstDetail: string): Promise<void> {
    for (let detail = firstDetail; !this.isStopping; await sleep(RETRY_MS)) {
      const now = Date.now();
      this.deathsAt.push(now);
      if (this.deathsAt.filter((at) => now - at < DEATHS_COUNTED_MS).length > DEATHS_ALLOWED) {
        this.supervision.onEnd(detail);
        return;
      }
      this.supervision.onDeath(detail);
      try {
        this.current = await this.supervision.start(Number(new URL(this.current.url).port));
        this.watch();
        return;
      } catch (error) {
        detail = error instanceof Error ? error.message : String(error);
      }
    }
  }
}
