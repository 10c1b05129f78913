import type { ProjectId } from '../kernel/ids.js';

export interface SlotLimits {
  /** Queries of one project that run at once. */
  perProject: number;
  /** Queries that run at once, of all projects. */
  total: number;
  /** Queries of one project that may wait. */
  waiting: number;
}

interface Waiting {
  projectId: ProjectId;
  start: () => void;
}

/** Lets a few queries run at once; the others wait in order, and those beyond are sent away. */
export class QuerySlots {
  private readonly running = new Map<ProjectId, number>();
  private total = 0;
  private readonly queue: Waiting[] = [];

  constructor(private readonly limits: SlotLimits) {}

  /**
   * Waits for a slot.
   * @param stop ends the waiting
   * @returns what gives the slot back; null where too many wait already, or the waiting ended
   */
  async take(projectId: ProjectId, stop: AbortSignal): Promise<(() => void) | null> {
    if (stop.aborted) return null;
    if (this.isFree(projectId)) return this.occupy(projectId);
    const ahead = this.queue.filter((each) => each.projectId === projectId).length;
    return ahead >= this.limits.waiting ? null : this.wait(projectId, stop);
  }

  private wait(projectId: ProjectId, stop: AbortSignal): Promise<(() => void) | null> {
    return new Promise((resolve) => {
      const giveUp = () => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        resolve(null);
      };
      const waiting = {
        projectId,
        start: () => {
          stop.removeEventListener('abort', giveUp);
          resolve(this.occupy(projectId));
        },
      };
      stop.addEventListener('abort', giveUp, { once: true });
      this.queue.push(waiting);
    });
  }

  private isFree(projectId: ProjectId): boolean {
    return this.total < this.limits.total && (this.running.get(projectId) ?? 0) < this.limits.perProject;
  }

  private occupy(projectId: ProjectId): () => void {
    this.change(projectId, 1);
    return () => {
      this.change(projectId, -1);
      const next = this.queue.findIndex((each) => this.isFree(each.projectId));
      if (next !== -1) this.queue.splice(next, 1)[0]?.start();
    };
  }

  private change(projectId: ProjectId, by: 1 | -1): void {
    this.total += by;
    const count = (this.running.get(projectId) ?? 0) + by;
    if (count === 0) this.running.delete(projectId);
    else this.running.set(projectId, count);
  }
}
