import type { Attribution } from '../attribution/contract.js';
import type { DeadLetters, Decoder } from '../decode/contract.js';
import type { Identities } from '../identify/contract.js';
import type { EffectSink } from '../kernel/effects.js';
import type { DecodedRecord, TrackedRecord } from '../kernel/event.js';
import { log } from '../platform/log/log.js';
import type { LiveSegments } from '../segment/contract.js';
import type { EventStore, Items, Profiles } from '../store/contract.js';
import type { Triggers } from '../trigger/contract.js';
import { IngestFlow } from './ingest.flow.js';
import { PoisonGuard } from './poison-guard.js';

log.level = 'silent';

const record = (eventId: string): DecodedRecord => ({
  eventId,
  projectId: 1,
  type: 'track',
  event: 'Seen',
  distinctId: eventId,
  identities: {},
  originalId: null,
  time: 1,
  clientTime: 1,
  receivedAt: 1,
  source: '',
  properties: {},
});

describe('the flow of a batch with a record that cannot be looked up', () => {
  it('stores its neighbours, each once, and neither the record nor what was repeated', async () => {
    const letters: string[] = [];
    const stored: string[][] = [];
    const idsOf = (records: readonly DecodedRecord[]) => records.map(({ eventId }) => eventId);
    const stages = {
      decoder: {
        decode: async () => ({
          records: ['a', 'b', 'poison', 'a', 'c'].map(record),
          items: [],
          resumed: [],
          dead: [],
          dropped: {},
        }),
      },
      deadLetters: {
        store: async (_batch: number, dead: readonly { detail: string }[]) => {
          letters.push(...dead.map(({ detail }) => detail));
        },
      },
      identities: {
        resolve: async (_batch: object, records: readonly DecodedRecord[]) => ({
          records: records.map((one) => ({ ...one, userId: 1 })),
          merges: [],
          splits: [],
          created: [],
        }),
      },
      events: {
        withoutDuplicates: async (_batch: object, records: readonly TrackedRecord[]) => {
          if (idsOf(records).includes('poison')) throw new TypeError('cannot be looked up');
          return records.filter(({ eventId }, i) => idsOf(records).indexOf(eventId) === i);
        },
        append: async (_batch: number, records: readonly TrackedRecord[]) => {
          stored.push(idsOf(records));
        },
      },
    };
    const nothing = async () => [];
    const flow = new IngestFlow(
      stages.decoder as unknown as Decoder,
      stages.deadLetters as unknown as DeadLetters,
      stages.identities as unknown as Identities,
      { apply: nothing, tryOut: nothing } as unknown as Profiles,
      { apply: nothing, tryOut: nothing } as unknown as Items,
      stages.events as unknown as EventStore,
      { usersConcerned: nothing } as unknown as LiveSegments,
      { match: nothing } as unknown as Triggers,
      { matchArrivals: nothing } as unknown as Attribution,
      { dispatch: nothing } as unknown as EffectSink,
      new PoisonGuard(stages.deadLetters as unknown as DeadLetters),
    );
    const batch = { id: 5, lane: 0, lease: 1, mayBeRepeated: false, envelopes: [] };
    const once = async () => flow.finish(await flow.prepare(batch));
    for (let i = 0; i < 4; i++) await expect(once()).rejects.toThrow('cannot be looked up');
    await once();
    expect(stored).toEqual([['a', 'b', 'c']]);
    expect(letters).toEqual(['The step deduplicate failed for this record; the log has the cause.']);
  });
});
