import { Injectable } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { StoreUpkeep } from './contract.js';
import { ProfileRepository } from './data/profile.repository.js';

@Injectable()
export class ProfileUpkeep extends StoreUpkeep {
  constructor(private readonly profiles: ProfileRepository) {
    super();
  }

  tasks(): UpkeepTask[] {
    return [{ name: 'store.profile-batches', everyMs: 3_600_000, run: () => this.profiles.pruneBatches() }];
  }
}
