import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { UpkeepTask } from '../kernel/upkeep.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { JobHandlers } from '../platform/queue/job.js';
import { TRIGGER_ACTIONS } from './actions/index.js';
import { TriggerUpkeep } from './contract.js';
import { DAY_MS, HOUR_MS } from './core/rule.js';
import { findRegistryFault } from './core/trigger-action.js';
import { TriggerRepository } from './data/trigger.repository.js';
import { TriggerTables } from './data/trigger-tables.js';
import { TRIGGER_TIMERS } from './jobs/trigger-timers.job.js';
import { TimerService } from './timer.service.js';

const NOT_FIRED_KEPT_MS = 30 * DAY_MS;
/** Longer than the longest cooldown, which looks for the last firing. */
const FIRED_KEPT_MS = 400 * DAY_MS;
const TIMERS_KEPT_MS = 30 * DAY_MS;

/** Checks the actions at the start, runs the timer jobs, and does what is periodic. */
@Injectable()
export class TriggerUpkeepService extends TriggerUpkeep implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly handlers: JobHandlers,
    private readonly timers: TimerService,
    private readonly tables: TriggerTables,
    private readonly triggers: TriggerRepository,
  ) {
    super();
  }

  /** @throws where the registered actions are not sound, or a stored rule names one that is not registered */
  async onModuleInit(): Promise<void> {
    this.handlers.handle(TRIGGER_TIMERS, () => this.timers.settleDue());
    const fault = findRegistryFault(TRIGGER_ACTIONS);
    if (fault !== null) throw new Error(fault);
    if (!this.config.hasRole('worker') && !this.config.hasRole('scheduler')) return;
    const names = new Set(TRIGGER_ACTIONS.map(({ name }) => name));
    const unknown = (await this.triggers.actionTypesInUse()).find(({ type }) => !names.has(type));
    if (unknown) {
      throw new Error(
        `The trigger ${unknown.triggerId} has the action ${unknown.type}, which is not registered: register it in src/trigger/actions/index.ts or archive the trigger.`,
      );
    }
  }

  tasks(): UpkeepTask[] {
    return [
      {
        name: 'trigger-timers',
        everyMs: this.config.get('TRIGGER_SWEEP_MS'),
        run: () => this.timers.settleDue(),
      },
      { name: 'trigger-prune', everyMs: HOUR_MS, run: () => this.prune() },
    ];
  }

  private async prune(): Promise<void> {
    const now = this.clock.now();
    await this.tables.decisions.prune(['not_fired'], now - NOT_FIRED_KEPT_MS);
    await this.tables.decisions.prune(['fired', 'waiting', 'cancelled'], now - FIRED_KEPT_MS);
    await this.tables.timers.prune(now - TIMERS_KEPT_MS);
  }
}
