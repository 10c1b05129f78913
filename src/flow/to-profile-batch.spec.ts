import type { TrackedRecord } from '../kernel/event.js';
import { type ProfileItem, toProfileBatch } from './to-profile-batch.js';

const batch = { id: 5, splits: [], created: [] };
const merges = [
  { id: 1, projectId: 1, from: 2, into: 3 },
  { id: 2, projectId: 1, from: 3, into: 4 },
];
const record = (eventId: string) => ({ eventId, projectId: 1, userId: 4 }) as TrackedRecord;
const [a, b] = [record('a'), record('b')];

describe('what the step profile takes of a batch', () => {
  it.each<[string, ProfileItem[], object]>([
    ['all of it', [...merges, a, b], { merges, unmerged: [], records: [a, b] }],
    ['no record', merges, { merges, unmerged: [], records: [] }],
    ['a record only', [b], { merges: [], unmerged: merges, records: [b] }],
    [
      'a merge, but not the one before it',
      [merges[1] as ProfileItem, a],
      { merges: [merges[1]], unmerged: [merges[0]], records: [a] },
    ],
    ['nothing', [], { merges: [], unmerged: merges, records: [] }],
  ])('may be %s', (_, items, expected) => {
    expect(toProfileBatch(batch, merges, items)).toEqual({ ...batch, ...expected });
  });
});
