import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { LiveSegments } from './contract.js';
import { LiveRepository } from './data/live.repository.js';

/** How long what is known of live segments may be used; the first build of one waits longer than that. */
export const LIVE_PROJECTS_AGE_MS = 2_000;

/** Keeps whom each batch concerned, in projects with a live segment; others pay nothing. */
@Injectable()
export class LiveInbox extends LiveSegments {
  private projects: Promise<ReadonlySet<ProjectId>> | null = null;
  private readAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly live: LiveRepository,
  ) {
    super();
  }

  async usersConcerned(
    batchId: number,
    users: readonly { projectId: ProjectId; userId: UserId }[],
  ): Promise<void> {
    const live = await this.liveProjects();
    if (live.size === 0) return;
    const byProject = new Map<ProjectId, UserId[]>();
    for (const { projectId, userId } of users) {
      if (!live.has(projectId)) continue;
      const own = byProject.get(projectId);
      if (own) own.push(userId);
      else byProject.set(projectId, [userId]);
    }
    await Promise.all([...byProject].map(([projectId, own]) => this.live.putInbox(batchId, projectId, own)));
  }

  private liveProjects(): Promise<ReadonlySet<ProjectId>> {
    const nowMs = this.clock.now();
    if (this.projects && Math.abs(nowMs - this.readAt) < LIVE_PROJECTS_AGE_MS) return this.projects;
    this.readAt = nowMs;
    const reading = this.live.projectsWithLive().then((ids) => new Set(ids));
    this.projects = reading;
    // A failed read must not be remembered.
    reading.catch(() => {
      this.projects = null;
    });
    return reading;
  }
}
