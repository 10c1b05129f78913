import { Injectable } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { AccessUpkeep } from './contract.js';
import { IdempotencyRepository } from './data/idempotency.repository.js';

@Injectable()
export class IdempotencyUpkeep extends AccessUpkeep {
  constructor(private readonly idempotency: IdempotencyRepository) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [{ name: 'access.idempotency-keys', everyMs: 3_600_000, run: () => this.idempotency.prune() }];
  }
}
