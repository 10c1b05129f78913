import { Injectable } from '@nestjs/common';
import { Projects, type TimeLimits } from '../access/contract.js';
import type { ProjectId } from '../kernel/ids.js';
import { Config } from '../platform/config/config.js';
import type { TimeWindow } from './core/record-time.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Which times each project takes: what it has set itself, else what the installation takes. */
@Injectable()
export class TimeWindows {
  /** That of the installation. */
  readonly common: TimeWindow;

  constructor(
    config: Config,
    private readonly projects: Projects,
  ) {
    this.common = {
      lateMs: config.get('COLLECT_LATE_DAYS') * DAY_MS,
      futureMs: config.get('COLLECT_FUTURE_MINUTES') * MINUTE_MS,
    };
  }

  /** @throws where the database is away and the answer is not in memory */
  async load(projectIds: ReadonlySet<ProjectId>): Promise<ReadonlyMap<ProjectId, TimeWindow>> {
    const windows = new Map<ProjectId, TimeWindow>();
    for (const projectId of projectIds) {
      windows.set(projectId, this.toWindow(await this.projects.timeLimits(projectId)));
    }
    return windows;
  }

  private toWindow({ lateDays, futureMinutes }: TimeLimits): TimeWindow {
    return {
      lateMs: lateDays === null ? this.common.lateMs : lateDays * DAY_MS,
      futureMs: futureMinutes === null ? this.common.futureMs : futureMinutes * MINUTE_MS,
    };
  }
}
