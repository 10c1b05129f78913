import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { MemberStore } from './data/member-store.js';
import { RunRetentionRepository } from './data/run-retention.repository.js';

const DAY_MS = 86_400_000;
/** Runs whose members are dropped by one statement: it rewrites parts, so there should be few of them. */
const BATCH = 500;
/** A drop that failed is made up for within this time. */
const LOOK_BACK_MS = 2 * DAY_MS;

/** Drops the members of old runs; what a run counted stays. */
@Injectable()
export class RunRetention {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly runs: RunRetentionRepository,
    private readonly members: MemberStore,
  ) {}

  async dropOld(): Promise<void> {
    const nowMs = this.clock.now();
    const rule = {
      finishedBefore: nowMs - this.config.get('SEGMENT_MEMBERS_DAYS') * DAY_MS,
      keepLatest: this.config.get('SEGMENT_RUNS_KEPT'),
    };
    await this.runs.markDropped(rule, { nowMs, limit: BATCH });
    await this.members.drop(await this.runs.findWithoutMembers(nowMs - LOOK_BACK_MS));
  }
}
