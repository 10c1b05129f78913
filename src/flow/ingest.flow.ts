import { Injectable } from '@nestjs/common';
import { Attribution } from '../attribution/contract.js';
import { DeadLetters, Decoder } from '../decode/contract.js';
import { Identities, type Merge, type Split } from '../identify/contract.js';
import type { JournalBatch } from '../journal/contract.js';
import type { Effect } from '../kernel/effects.js';
import { EffectSink } from '../kernel/effects.js';
import { type DecodedRecord, type ItemRecord, isEvent, type TrackedRecord } from '../kernel/event.js';
import type { UserId } from '../kernel/ids.js';
import type { Resumption } from '../kernel/resumption.js';
import { metrics } from '../platform/metrics/metrics.js';
import { LiveSegments } from '../segment/contract.js';
import { EventStore, Items, Profiles } from '../store/contract.js';
import { Triggers } from '../trigger/contract.js';
import { concernedUsers } from './concerned-users.js';
import { joinIdentified } from './join-identified.js';
import { PoisonGuard } from './poison-guard.js';
import { effectsOf, profileMergesOf, recordsOf, withCurrentUsers } from './resumed.js';
import { runFlow, type Step } from './run-flow.js';
import { isTracked, type ProfileItem, toProfileBatch } from './to-profile-batch.js';

/** A batch on its way through the steps. */
export interface Ingest {
  batch: JournalBatch;
  decoded: DecodedRecord[];
  items: ItemRecord[];
  /** What single steps do again, because a dead letter of theirs was replayed. */
  resumed: Resumption[];
  /** After `deduplicate` only those that are new. */
  records: TrackedRecord[];
  merges: Merge[];
  splits: Split[];
  created: { projectId: number; userId: UserId }[];
  /** The new records that are events. */
  fresh: TrackedRecord[];
  effects: Effect[];
}

/**
 * What becomes of a journal batch, in order. Every step may be done again with the same batch and changes nothing the
 * second time; when the last one resolves, the batch leaves the journal.
 */
@Injectable()
export class IngestFlow {
  /** Before `deduplicate`, which has to see what the batch before stored. */
  private readonly first: readonly Step<Ingest>[];
  private readonly second: readonly Step<Ingest>[];

  constructor(
    decoder: Decoder,
    deadLetters: DeadLetters,
    identities: Identities,
    profiles: Profiles,
    items: Items,
    events: EventStore,
    live: LiveSegments,
    triggers: Triggers,
    attribution: Attribution,
    effects: EffectSink,
    private readonly guard: PoisonGuard,
  ) {
    this.first = understanding({ decoder, deadLetters, identities, guard });
    this.second = [
      ...storing({ profiles, items, events, live, guard }),
      ...answering({ triggers, attribution, effects, guard }),
    ];
  }

  /** @throws where a store is away; the journal then brings the same batch again */
  prepare(batch: JournalBatch): Promise<Ingest> {
    const empty = {
      decoded: [],
      items: [],
      resumed: [],
      records: [],
      merges: [],
      splits: [],
      created: [],
      fresh: [],
      effects: [],
    };
    return this.guard.watch(batch.id, () => runFlow('ingest', this.first, { batch, ...empty }));
  }

  /** @throws where a store or queue is away; the journal then brings the same batch again */
  async finish(prepared: Ingest): Promise<void> {
    await this.guard.watch(prepared.batch.id, () => runFlow('ingest', this.second, prepared));
    this.guard.forget(prepared.batch.id);
  }
}

interface Stages {
  decoder: Decoder;
  deadLetters: DeadLetters;
  identities: Identities;
  profiles: Profiles;
  items: Items;
  events: EventStore;
  live: LiveSegments;
  triggers: Triggers;
  attribution: Attribution;
  effects: EffectSink;
  guard: PoisonGuard;
}

/** From bytes to records of known persons. */
function understanding({
  decoder,
  deadLetters,
  identities,
  guard,
}: Pick<Stages, 'decoder' | 'deadLetters' | 'identities' | 'guard'>): Step<Ingest>[] {
  return [
    [
      'decode',
      async (c) => {
        const { records, items, resumed, dead, dropped } = await decoder.decode(c.batch.envelopes);
        await deadLetters.store(c.batch.id, dead);
        for (const [reason, n] of Object.entries(dropped)) count('decode', 'drop', reason, n);
        for (const { reason } of dead) count('decode', 'dead', reason, 1);
        return { ...c, decoded: records, items, resumed };
      },
    ],
    [
      'identify',
      async (c) => {
        const { results } = await guard.inParts(c.batch.id, 'identify', c.decoded, (part, name) =>
          identities.resolve(c.batch, part, name !== ''),
        );
        const resumed = await withCurrentUsers(c.resumed, identities);
        return { ...c, ...joinIdentified(results), resumed };
      },
    ],
  ];
}

/** What is new of it, kept. */
function storing({
  profiles,
  items,
  events,
  live,
  guard,
}: Pick<Stages, 'profiles' | 'items' | 'events' | 'live' | 'guard'>): Step<Ingest>[] {
  return [
    [
      'deduplicate',
      async (c) => {
        const find = (part: readonly TrackedRecord[]) => events.withoutDuplicates(c.batch, part);
        const work = { tryOut: find, apply: find };
        const { result: records, taken } = await guard.asWhole(c.batch.id, 'deduplicate', c.records, work);
        count('deduplicate', 'drop', 'duplicate', taken.length - records.length);
        return { ...c, records, fresh: records.filter(isEvent) };
      },
    ],
    [
      'profile',
      async (c) => {
        const merges = [...profileMergesOf(c.resumed), ...c.merges];
        const batch = { id: c.batch.id, splits: c.splits, created: c.created };
        const items: ProfileItem[] = [...merges, ...c.records];
        const { taken } = await guard.asWhole(c.batch.id, 'profile', items, {
          tryOut: (part) => profiles.tryOut(toProfileBatch(batch, merges, part)),
          apply: (part) => profiles.apply(toProfileBatch(batch, merges, part)),
        });
        return without(c, taken.filter(isTracked));
      },
    ],
    [
      'item',
      async (c) => {
        if (c.items.length === 0) return c;
        await guard.asWhole(c.batch.id, 'item', c.items, {
          tryOut: (records) => items.tryOut(c.batch.id, records),
          apply: (records) => items.apply(c.batch.id, records),
        });
        return c;
      },
    ],
    [
      'store',
      async (c) => {
        const { refused } = await guard.inParts(c.batch.id, 'store', c.records, (part, name) =>
          events.append(c.batch.id, part, name),
        );
        const gone = new Set(refused.map(({ item }) => item));
        const fresh = gone.size === 0 ? c.fresh : c.fresh.filter((record) => !gone.has(record));
        count('store', 'ok', '', fresh.length);
        return { ...c, fresh };
      },
    ],
    // Behind what it tells of, so that who looks sees it.
    [
      'live',
      async (c) => {
        const merges = [...profileMergesOf(c.resumed), ...c.merges];
        await live.usersConcerned(c.batch.id, concernedUsers({ ...c, merges }));
        return c;
      },
    ],
  ];
}

/** What it sets off. */
function answering({
  triggers,
  attribution,
  effects,
  guard,
}: Pick<Stages, 'triggers' | 'attribution' | 'effects' | 'guard'>): Step<Ingest>[] {
  return [
    [
      'trigger',
      async (c) => {
        if (c.splits.length > 0) await triggers.usersSplit(c.splits);
        if (c.merges.length > 0) await triggers.usersMerged(c.merges);
        const { results } = await guard.inParts(
          c.batch.id,
          'trigger',
          [...recordsOf(c.resumed, 'trigger'), ...c.fresh],
          (part) => triggers.match(part),
        );
        return { ...c, effects: results.flat() };
      },
    ],
    [
      'attribute',
      async (c) => {
        const { results } = await guard.inParts(
          c.batch.id,
          'attribute',
          [...recordsOf(c.resumed, 'attribute'), ...c.fresh],
          (part) => attribution.matchArrivals(part),
        );
        return { ...c, effects: [...effectsOf(c.resumed), ...c.effects, ...results.flat()] };
      },
    ],
    [
      'effects',
      async (c) => {
        await guard.inParts(c.batch.id, 'effects', c.effects, (part) => effects.dispatch(part));
        return c;
      },
    ],
  ];
}

/** A record that became a dead letter is not stored: its replay brings the whole of it. */
function without(context: Ingest, taken: readonly TrackedRecord[]): Ingest {
  if (taken.length === context.records.length) return context;
  return { ...context, records: [...taken], fresh: taken.filter(isEvent) };
}

function count(step: string, kind: string, reason: string, n: number): void {
  if (n > 0) metrics.flowOutcome.inc({ flow: 'ingest', step, kind, reason }, n);
}
