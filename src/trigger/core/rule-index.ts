import type { TrackedRecord } from '../../kernel/event.js';
import type { ProjectId } from '../../kernel/ids.js';
import type { Json } from '../../kernel/json.js';
import { type PropertyFilter, readProperty } from '../../kernel/property-filter.js';
import type { TriggerVersion } from './rule.js';

/**
 * Up to so many triggers on one event are all evaluated, so that each records why it did not fire.
 * Beyond it, those with an `equals` or `in` condition are found by the value, and the others cost nothing.
 */
const PLAIN_LIST_LENGTH = 32;

/** Triggers that an event may concern: by what they listen to, and by what ends their wait. */
export interface Concerned {
  on: TriggerVersion[];
  unless: TriggerVersion[];
}

/** Finds the few triggers that an event can concern among thousands (F7). */
export class RuleIndex {
  private readonly on = new Map<string, EventRules>();
  private readonly unless = new Map<string, EventRules>();
  private readonly versions = new Map<string, TriggerVersion>();
  /** Events that any version listens to; see `concerns`. */
  private readonly events = new Set<string>();

  /** @param versions current ones, and older or paused ones whose timers may still wait */
  constructor(versions: readonly TriggerVersion[]) {
    for (const version of versions) {
      const { projectId, rule } = version;
      this.versions.set(versionKey(version.triggerId, version.version), version);
      this.events.add(eventKey(projectId, rule.on.event));
      if (version.isCurrent) entry(this.on, eventKey(projectId, rule.on.event)).push(version);
      if (rule.unless) entry(this.unless, eventKey(projectId, rule.unless.event)).push(version);
    }
    for (const rules of this.on.values()) rules.arrange(({ rule }) => rule.on.where);
    for (const rules of this.unless.values()) rules.arrange(({ rule }) => rule.unless?.where ?? []);
  }

  /** Whether any trigger, also one that was changed or paused lately, has to do with such an event. */
  concerns(record: TrackedRecord): boolean {
    const key = eventKey(record.projectId, record.event);
    return this.events.has(key) || this.unless.has(key);
  }

  lookUp(record: TrackedRecord): Concerned {
    const key = eventKey(record.projectId, record.event);
    return {
      on: this.on.get(key)?.lookUp(record) ?? [],
      unless: this.unless.get(key)?.lookUp(record) ?? [],
    };
  }

  find(triggerId: string, version: number): TriggerVersion | undefined {
    return this.versions.get(versionKey(triggerId, version));
  }
}

/** Versions that share one event name. */
class EventRules {
  private always: TriggerVersion[] = [];
  private readonly byValue = new Map<string, Map<Json, TriggerVersion[]>>();

  push(version: TriggerVersion): void {
    this.always.push(version);
  }

  arrange(whereOf: (version: TriggerVersion) => readonly PropertyFilter[]): void {
    if (this.always.length <= PLAIN_LIST_LENGTH) return;
    const all = this.always;
    this.always = [];
    for (const version of all) {
      const needed = whereOf(version).map(toNeededValues).find(Boolean);
      if (needed) this.addByValue(version, needed);
      else this.always.push(version);
    }
  }

  lookUp(record: TrackedRecord): TriggerVersion[] {
    if (this.byValue.size === 0) return this.always;
    const found = [...this.always];
    for (const [property, byValue] of this.byValue) {
      const value = readProperty(record.properties, property);
      if (value !== undefined) found.push(...(byValue.get(value) ?? []));
    }
    return found;
  }

  private addByValue(version: TriggerVersion, needed: NeededValues): void {
    const byValue = this.byValue.get(needed.property) ?? new Map<Json, TriggerVersion[]>();
    this.byValue.set(needed.property, byValue);
    for (const value of needed.values) {
      const versions = byValue.get(value);
      if (versions) versions.push(version);
      else byValue.set(value, [version]);
    }
  }
}

interface NeededValues {
  property: string;
  /** Without repetitions: a version must be found once. */
  values: ReadonlySet<Json>;
}

function toNeededValues(filter: PropertyFilter): NeededValues | null {
  if (filter.op === 'equals') return { property: filter.property, values: new Set([filter.value]) };
  if (filter.op === 'in') return { property: filter.property, values: new Set(filter.values) };
  return null;
}

function entry(index: Map<string, EventRules>, key: string): EventRules {
  const rules = index.get(key) ?? new EventRules();
  index.set(key, rules);
  return rules;
}

function eventKey(projectId: ProjectId, event: string): string {
  return `${projectId} ${event}`;
}

function versionKey(triggerId: string, version: number): string {
  return `${triggerId} ${version}`;
}
