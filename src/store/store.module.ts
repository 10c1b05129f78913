import { Module } from '@nestjs/common';
import { EventStore, Profiles, StoreUpkeep } from './contract.js';
import { EventRepository } from './data/event.repository.js';
import { ProfileRepository } from './data/profile.repository.js';
import { ProfileMergeRepository } from './data/profile-merge.repository.js';
import { EventStoreService } from './event-store.service.js';
import { ProfileService } from './profile.service.js';
import { ProfileUpkeep } from './store-upkeep.js';

@Module({
  providers: [
    EventRepository,
    ProfileRepository,
    ProfileMergeRepository,
    EventStoreService,
    ProfileService,
    { provide: StoreUpkeep, useClass: ProfileUpkeep },
    { provide: EventStore, useExisting: EventStoreService },
    { provide: Profiles, useExisting: ProfileService },
  ],
  exports: [EventStore, Profiles, StoreUpkeep],
})
export class StoreModule {}
