import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { News, Topic } from '../platform/threads/news.js';
import { RuleIndex } from './core/rule-index.js';
import { TriggerRepository } from './data/trigger.repository.js';

const TRIGGERS_CHANGED = new Topic<null>('triggers');
/** How long what was read may be used: a trigger changed by another process takes effect within it. */
const MAX_AGE_MS = 2_000;

/** The rules of every project in memory; reading them again costs one small query while nothing changed. */
@Injectable()
export class RuleCache {
  private known: { fingerprint: string; index: RuleIndex } | null = null;
  private reading: Promise<RuleIndex> | null = null;
  private checkedAt = 0;

  constructor(
    private readonly triggers: TriggerRepository,
    private readonly clock: Clock,
    private readonly news: News,
  ) {
    news.on(TRIGGERS_CHANGED, () => this.drop());
  }

  get(): Promise<RuleIndex> {
    const now = this.clock.now();
    if (this.reading && now - this.checkedAt < MAX_AGE_MS) return this.reading;
    this.checkedAt = now;
    const reading = this.read();
    this.reading = reading;
    // A failed read must not be remembered.
    reading.catch(() => this.drop());
    return reading;
  }

  /** After a change made by this process. */
  forget(): void {
    this.news.tell(TRIGGERS_CHANGED, null);
  }

  private drop(): void {
    this.reading = null;
  }

  private async read(): Promise<RuleIndex> {
    // Before the rules, so that a change in between makes the next check read them again.
    const fingerprint = await this.triggers.fingerprint();
    if (this.known?.fingerprint === fingerprint) return this.known.index;
    const index = new RuleIndex(await this.triggers.liveVersions());
    this.known = { fingerprint, index };
    return index;
  }
}
