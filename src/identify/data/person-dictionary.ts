import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import { log } from '../../platform/log/log.js';

const WAIT_MS = 500;

/**
 * Keeps ClickHouse's dictionary of merged persons fresh. A server reloads it by itself within its lifetime; the
 * embedded engine never does. Many merges within the wait cost one reload; a restart of the engine loads it anew.
 */
@Injectable()
export class PersonDictionary implements OnModuleDestroy {
  private timer: NodeJS.Timeout | null = null;
  private reloading: Promise<void> = Promise.resolve();

  constructor(private readonly clickhouse: ClickHouse) {}

  /** Sees to it that what was just inserted is known soon. */
  refresh(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.reloading = this.reload();
    }, WAIT_MS);
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    await this.reloading;
  }

  private async reload(): Promise<void> {
    try {
      await this.clickhouse.command('SYSTEM RELOAD DICTIONARY person_canonical');
    } catch (error) {
      // A server that forbids it reloads by itself.
      log.debug({ err: error }, 'the dictionary of merged persons could not be reloaded');
    }
  }
}
