import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ProjectId } from '../kernel/ids.js';
import { log } from '../platform/log/log.js';
import { compileNames, compileProbes } from './core/compile-probes.js';
import type { NamedThing } from './core/named-things.js';
import { nearestNames } from './core/nearest-names.js';
import type { Ask } from './query-runner.js';

/** A hint has to come fast or not at all. */
const TIMEOUT_MS = 3_000;
const KINDS = {
  event: { code: 'unknown_event', what: 'event' },
  property: { code: 'unknown_property', what: 'property of these events' },
  profile: { code: 'unknown_profile_property', what: 'profile property' },
} as const;

/** A name in a request that nobody knows: the answer stands, but is probably not what was meant. */
export interface NameWarning {
  pointer: string;
  code: (typeof KINDS)[keyof typeof KINDS]['code'];
  detail: string;
  /** Known names like it, the most likely first. */
  nearest: string[];
}

/** Finds names in a request under which nothing was ever received. */
@Injectable()
export class NameWarnings {
  /** What was found once is there for long. */
  private readonly known = new LRUCache<string, true>({ max: 10_000, ttl: 3_600_000 });

  /** @returns nothing where it cannot be found out fast: a hint is worth no failure */
  async find(projectId: ProjectId, things: readonly NamedThing[], ask: Ask): Promise<NameWarning[]> {
    try {
      const events = things.filter(({ kind }) => kind === 'event');
      const unknownEvents = await this.unknown(projectId, events, ask);
      const missing = new Set(unknownEvents.map(({ name }) => name));
      const properties = things.flatMap((thing) => withinKnown(thing, missing));
      const unknown = [...unknownEvents, ...(await this.unknown(projectId, properties, ask))];
      return await Promise.all(unknown.map((thing) => this.describe(projectId, thing, ask)));
    } catch (error) {
      log.debug({ err: error }, 'the names in a query could not be checked');
      return [];
    }
  }

  private async unknown(
    projectId: ProjectId,
    things: readonly NamedThing[],
    ask: Ask,
  ): Promise<NamedThing[]> {
    const keyOf = ({ kind, name, events }: NamedThing) => JSON.stringify([projectId, kind, name, events]);
    const doubtful = things.filter((thing) => !this.known.has(keyOf(thing)));
    if (doubtful.length === 0) return [];
    const { rows } = await ask<{ place: number }>(compileProbes(projectId, doubtful), TIMEOUT_MS);
    const found = new Set(rows.map(({ place }) => Number(place)));
    for (const [place, thing] of doubtful.entries()) if (found.has(place)) this.known.set(keyOf(thing), true);
    return doubtful.filter((_, place) => !found.has(place));
  }

  private async describe(projectId: ProjectId, thing: NamedThing, ask: Ask): Promise<NameWarning> {
    const { rows } = await ask<{ name: string }>(compileNames(projectId, thing), TIMEOUT_MS);
    const nearest = nearestNames(
      thing.name,
      rows.map(({ name }) => name),
    );
    const { code, what } = KINDS[thing.kind];
    const hint = nearest.length > 0 ? ` Did you mean ${nearest.join(' or ')}?` : '';
    return { pointer: thing.pointer, code, detail: `There is no ${what} ${thing.name}.${hint}`, nearest };
  }
}

/** A property of unknown events only is not looked for: the warning about the event says it all. */
function withinKnown(thing: NamedThing, missing: ReadonlySet<string>): NamedThing[] {
  if (thing.kind === 'event') return [];
  const events = thing.events?.filter((name) => !missing.has(name)) ?? null;
  return events?.length === 0 ? [] : [{ ...thing, events }];
}
