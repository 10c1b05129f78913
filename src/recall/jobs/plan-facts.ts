import { Injectable } from '@nestjs/common';
import { Projects } from '../../access/contract.js';
import { Clock } from '../../platform/clock/clock.js';
import type { PlanRun } from '../data/plan-run.repository.js';

/** What planning has to know beside the data of its stage. */
@Injectable()
export class PlanFacts {
  constructor(
    private readonly projects: Projects,
    private readonly clock: Clock,
  ) {}

  async of({ projectId }: PlanRun): Promise<{ now: number; timeZone: string }> {
    return { now: this.clock.now(), timeZone: (await this.projects.get(projectId)).timeZone };
  }
}
