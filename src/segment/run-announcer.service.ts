import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { log } from '../platform/log/log.js';
import { ChangeAnnouncer } from './change-announcer.service.js';
import { SegmentRunListener } from './contract.js';
import { type SegmentRun, toRunRef } from './data/segment-run.repository.js';
import { SegmentTables } from './data/segment-tables.js';

/** Tells the listener of every finished run, at least once. */
@Injectable()
export class RunAnnouncer {
  constructor(
    private readonly clock: Clock,
    private readonly tables: SegmentTables,
    private readonly listener: SegmentRunListener,
    private readonly changes: ChangeAnnouncer,
  ) {}

  /** Where the listener fails the run stays unannounced, and the sweep comes back to it. */
  async announce(run: SegmentRun): Promise<void> {
    try {
      await this.changes.runFinished(run);
      await this.listener.runFinished(toRunRef(run));
      await this.tables.runs.setNotified(run.id, this.clock.now());
    } catch (error) {
      log.error(
        { err: error, runId: run.id },
        'a finished segment run could not be announced and will be again',
      );
    }
  }
}
