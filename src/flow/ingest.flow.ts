import { Injectable } from '@nestjs/common';
import { Attribution } from '../attribution/contract.js';
import { DeadLetters, Decoder } from '../decode/contract.js';
import { Identities, type Merge, type Split } from '../identify/contract.js';
import type { JournalBatch } from '../journal/contract.js';
import type { Effect } from '../kernel/effects.js';
import { EffectSink } from '../kernel/effects.js';
import { type DecodedRecord, type ItemRecord, isEvent, type TrackedRecord } from '../kernel/event.js';
import type { UserId } from '../kernel/ids.js';
import { metrics } from '../platform/metrics/metrics.js';
import { EventStore, Items, Profiles } from '../store/contract.js';
import { Triggers } from '../trigger/contract.js';
import { runFlow, type Step } from './run-flow.js';

/** A batch on its way through the steps. */
export interface Ingest {
  batch: JournalBatch;
  decoded: DecodedRecord[];
  items: ItemRecord[];
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
    triggers: Triggers,
    attribution: Attribution,
    effects: EffectSink,
  ) {
    this.first = [
      [
        'decode',
        async (c) => {
          const { records, items, dead, dropped } = await decoder.decode(c.batch.envelopes);
          await deadLetters.store(c.batch.id, dead);
          for (const [reason, n] of Object.entries(dropped)) count('decode', 'drop', reason, n);
          for (const { reason } of dead) count('decode', 'dead', reason, 1);
          return { ...c, decoded: records, items };
        },
      ],
      ['identify', async (c) => ({ ...c, ...(await identities.resolve(c.batch, c.decoded)) })],
    ];
    this.second = [
      [
        'deduplicate',
        async (c) => {
          const records = await events.withoutDuplicates(c.batch, c.records);
          count('deduplicate', 'drop', 'duplicate', c.records.length - records.length);
          return { ...c, records, fresh: records.filter(isEvent) };
        },
      ],
      ['profile', async (c) => done(c, profiles.apply({ ...c.batch, ...pick(c) }))],
      ['item', async (c) => (c.items.length > 0 ? done(c, items.apply(c.batch.id, c.items)) : c)],
      [
        'store',
        async (c) => {
          await events.append(c.batch.id, c.records);
          count('store', 'ok', '', c.fresh.length);
          return c;
        },
      ],
      [
        'trigger',
        async (c) => {
          if (c.splits.length > 0) await triggers.usersSplit(c.splits);
          if (c.merges.length > 0) await triggers.usersMerged(c.merges);
          return { ...c, effects: await triggers.match(c.fresh) };
        },
      ],
      [
        'attribute',
        async (c) => ({ ...c, effects: [...c.effects, ...(await attribution.matchArrivals(c.fresh))] }),
      ],
      ['effects', async (c) => done(c, effects.dispatch(c.effects))],
    ];
  }

  /** @throws where a store is away; the journal then brings the same batch again */
  prepare(batch: JournalBatch): Promise<Ingest> {
    const empty = {
      decoded: [],
      items: [],
      records: [],
      merges: [],
      splits: [],
      created: [],
      fresh: [],
      effects: [],
    };
    return runFlow('ingest', this.first, { batch, ...empty });
  }

  /** @throws where a store or queue is away; the journal then brings the same batch again */
  async finish(prepared: Ingest): Promise<void> {
    await runFlow('ingest', this.second, prepared);
  }
}

function pick({ records, merges, splits, created }: Ingest) {
  return { records, merges, splits, created };
}

async function done(context: Ingest, work: Promise<void>): Promise<Ingest> {
  await work;
  return context;
}

function count(step: string, kind: string, reason: string, n: number): void {
  if (n > 0) metrics.flowOutcome.inc({ flow: 'ingest', step, kind, reason }, n);
}
