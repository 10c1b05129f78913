import { Module } from '@nestjs/common';
import { EventStore, Items, Profiles, StoreUpkeep } from './contract.js';
import { EventRepository } from './data/event.repository.js';
import { ItemRepository } from './data/item.repository.js';
import { ProfileRepository } from './data/profile.repository.js';
import { ProfileMergeRepository } from './data/profile-merge.repository.js';
import { EventStoreService } from './event-store.service.js';
import { ItemController } from './http/item.controller.js';
import { ItemTypeController } from './http/item-type.controller.js';
import { ItemService } from './item.service.js';
import { ProfileService } from './profile.service.js';
import { StoredStateUpkeep } from './store-upkeep.js';

@Module({
  controllers: [ItemController, ItemTypeController],
  providers: [
    EventRepository,
    ItemRepository,
    ProfileRepository,
    ProfileMergeRepository,
    EventStoreService,
    ItemService,
    ProfileService,
    { provide: StoreUpkeep, useClass: StoredStateUpkeep },
    { provide: EventStore, useExisting: EventStoreService },
    { provide: Items, useExisting: ItemService },
    { provide: Profiles, useExisting: ProfileService },
  ],
  exports: [EventStore, Items, Profiles, StoreUpkeep],
})
export class StoreModule {}
