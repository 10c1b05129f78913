import { Injectable } from '@nestjs/common';
import { CallbackService } from './callback.service.js';
import type { AttributionUpkeep } from './contract.js';

const SWEEP_MS = 15_000;

@Injectable()
export class AttributionSweeps implements AttributionUpkeep {
  constructor(private readonly callbacks: CallbackService) {}

  tasks() {
    return [{ name: 'attribution.callbacks', everyMs: SWEEP_MS, run: () => this.callbacks.sweep() }];
  }
}
