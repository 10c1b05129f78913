import { Injectable } from '@nestjs/common';
import { MemberStore } from './member-store.js';
import { SegmentRepository } from './segment.repository.js';
import { SegmentRunRepository } from './segment-run.repository.js';

/** Everything the stage stores. */
@Injectable()
export class SegmentTables {
  constructor(
    readonly segments: SegmentRepository,
    readonly runs: SegmentRunRepository,
    readonly members: MemberStore,
  ) {}
}
