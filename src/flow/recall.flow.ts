import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type LedgerMessage, MessageRenderer, type RenderResult } from '../deliver/contract.js';
import { Recall, Rendering } from '../recall/contract.js';
import { SegmentRunListener, type SegmentRunRef } from '../segment/contract.js';

/** schedule → segment → recall: a finished run of a segment plans the campaigns that follow it. */
@Injectable()
export class PlanOnSegmentRun extends SegmentRunListener {
  constructor(private readonly modules: ModuleRef) {
    super();
  }

  async runFinished(run: SegmentRunRef): Promise<void> {
    await this.modules.get(Recall, { strict: false }).planFinishedRun(run);
  }
}

/** recall → deliver: what a message says is made by recall right before deliver sends it. */
@Injectable()
export class RenderOnSend extends MessageRenderer {
  constructor(private readonly modules: ModuleRef) {
    super();
  }

  render(messages: readonly LedgerMessage[]): Promise<Map<string, RenderResult>> {
    return this.modules.get(Rendering, { strict: false }).render(messages);
  }
}
