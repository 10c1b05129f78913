import { Injectable } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { StoreUpkeep } from './contract.js';
import { ItemRepository } from './data/item.repository.js';
import { ProfileRepository } from './data/profile.repository.js';

@Injectable()
export class StoredStateUpkeep extends StoreUpkeep {
  constructor(
    private readonly profiles: ProfileRepository,
    private readonly items: ItemRepository,
  ) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [
      { name: 'store.profile-batches', everyMs: 3_600_000, run: () => this.profiles.pruneBatches() },
      { name: 'store.deleted-items', everyMs: 3_600_000, run: () => this.items.pruneDeleted() },
    ];
  }
}
