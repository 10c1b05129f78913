import { Injectable } from '@nestjs/common';
import type { ItemRecord } from '../kernel/event.js';
import type { ProjectId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import { Items } from './contract.js';
import { latestOfItems } from './core/latest-of-items.js';
import { type Item, ItemRepository } from './data/item.repository.js';

@Injectable()
export class ItemService extends Items {
  constructor(private readonly repository: ItemRepository) {
    super();
  }

  apply(batchId: number, records: readonly ItemRecord[]): Promise<void> {
    return this.repository.write(batchId, latestOfItems(records));
  }

  tryOut(batchId: number, records: readonly ItemRecord[]): Promise<void> {
    return this.repository.tryWrite(batchId, latestOfItems(records));
  }

  async set(
    projectId: ProjectId,
    itemType: string,
    itemId: string,
    properties: JsonObject,
  ): Promise<Item | null> {
    await this.repository.write(null, [{ projectId, type: 'item_set', itemType, itemId, properties }]);
    return this.repository.find(projectId, itemType, itemId);
  }

  /** @returns false where there is no such item */
  async remove(projectId: ProjectId, itemType: string, itemId: string): Promise<boolean> {
    if (!(await this.repository.find(projectId, itemType, itemId))) return false;
    await this.repository.write(null, [{ projectId, type: 'item_delete', itemType, itemId, properties: {} }]);
    return true;
  }
}
