import { Injectable } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { IdentifyUpkeep } from './contract.js';
import { BatchHistory } from './data/batch-history.js';
import { IdentityProjectRepository } from './data/identity-project.repository.js';

@Injectable()
export class IdentityUpkeep extends IdentifyUpkeep {
  constructor(
    private readonly history: BatchHistory,
    private readonly projects: IdentityProjectRepository,
  ) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [
      { name: 'identify.batches', everyMs: 60_000, run: () => this.history.prune() },
      { name: 'identify.logs', everyMs: 3_600_000, run: () => this.projects.pruneLogs() },
    ];
  }
}
