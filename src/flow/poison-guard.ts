import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type DeadLetter, DeadLetters } from '../decode/contract.js';
import type { Effect } from '../kernel/effects.js';
import {
  type DecodedRecord,
  isEvent,
  OWN_IDENTITY_KEY,
  type RecordType,
  type TrackedRecord,
} from '../kernel/event.js';
import type { JsonObject } from '../kernel/json.js';
import { log } from '../platform/log/log.js';
import { metrics } from '../platform/metrics/metrics.js';
import { isStoreAway } from '../platform/store-away.js';
import { type Parts, withoutPoison } from './without-poison.js';

/** Failures of a batch, none of them because a store is away, after which its poison is looked for. */
const PATIENCE = 4;
/** The steps that may refuse an item, and where their dead letters stand: behind those of decoding. */
const FIRST_PLACES = { identify: 1e6, store: 2e6, trigger: 3e6, attribute: 4e6, effects: 5e6 } as const;
export type GuardedStep = keyof typeof FIRST_PLACES;
type Guarded = DecodedRecord | TrackedRecord | Effect;

/**
 * Keeps a batch from blocking its lane for ever because of one record that a step cannot take. A batch that failed
 * often enough, though no store is away, is done in parts; the records that stand alone at the end are dead letters.
 */
@Injectable()
export class PoisonGuard {
  private readonly failures = new Map<number, number>();

  constructor(private readonly deadLetters: DeadLetters) {}

  /** Runs work on a batch, and counts its failures. */
  async watch<R>(batchId: number, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      if (!isStoreAway(error)) this.failures.set(batchId, (this.failures.get(batchId) ?? 0) + 1);
      throw error;
    }
  }

  /** To be called when the batch is done. */
  forget(batchId: number): void {
    this.failures.delete(batchId);
  }

  /** Runs a step on a list at once; of a batch that is suspected, in parts. */
  async inParts<T extends Guarded, R>(
    batchId: number,
    step: GuardedStep,
    items: readonly T[],
    work: (part: readonly T[], name: string) => Promise<R>,
  ): Promise<Parts<T, R>> {
    const isSuspected = (this.failures.get(batchId) ?? 0) >= PATIENCE;
    if (!isSuspected) return { results: [await work(items, '')], refused: [] };
    const parts = await withoutPoison(items, work, isStoreAway);
    for (const { item, place, error } of parts.refused) {
      log.error(
        { err: error, batchId, step, place },
        'a step cannot take a record, which becomes a dead letter',
      );
      await this.deadLetters.store(batchId, [toLetter(step, item)], FIRST_PLACES[step] + place);
      metrics.flowOutcome.inc({ flow: 'ingest', step, kind: 'dead', reason: 'step_failed' });
    }
    return parts;
  }
}

function toLetter(step: GuardedStep, item: Guarded): DeadLetter {
  const { projectId } = item;
  const letter = {
    projectId,
    reason: 'step_failed' as const,
    detail: `The step ${step} failed for this ${'kind' in item ? 'effect' : 'record'}; the log has the cause.`,
    ip: '',
  };
  if ('kind' in item) {
    return { ...letter, receivedAt: Date.now(), source: 'internal', payload: toBytes(item) };
  }
  const isOwn = Object.hasOwn(item.identities, OWN_IDENTITY_KEY);
  return {
    ...letter,
    receivedAt: item.receivedAt,
    source: isOwn ? 'internal' : 'sensorsdata',
    payload: toBytes(isOwn ? [toOwnEvent(item)] : toSensorsData(item)),
  };
}

function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** In the format of Rekindle's own events; under an id of its own, for the first is marked as stored. */
function toOwnEvent({ eventId, type, event, identities, time, properties }: DecodedRecord): JsonObject {
  const id = createHash('sha256').update(`step_failed\n${eventId}`).digest('hex').slice(0, 32);
  return { eventId: id, type, event, userId: identities[OWN_IDENTITY_KEY] ?? '', time, properties };
}

const SENSORS_DATA_TYPES: Partial<Record<RecordType, string>> = { unbind: 'track_id_unbind' };

/** In the format of the SDKs, to be replayed; without a track id it becomes another record than the one that failed. */
function toSensorsData(record: DecodedRecord): JsonObject {
  const { type, event, distinctId, identities, originalId, time, properties } = record;
  const identified = originalId === null ? 'track_id_bind' : 'track_signup';
  return {
    type: type === 'identify' ? identified : (SENSORS_DATA_TYPES[type] ?? type),
    ...(isEvent(record) ? { event } : {}),
    distinct_id: distinctId,
    identities,
    ...(originalId === null ? {} : { original_id: originalId }),
    time,
    time_free: true,
    properties,
  };
}
