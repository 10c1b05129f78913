import type { DecodedRecord } from '../../kernel/event.js';
import {
  formatMergeId,
  type MergeRequest,
  parseMergeId,
  readMergeRequest,
  toJournalItem,
} from './merge-request.js';

describe('a request of an admin in the journal', () => {
  it.each<[string, MergeRequest]>([
    [
      'a merge',
      {
        kind: 'merge',
        id: 'mrq_1',
        by: 'key_1',
        userIds: [4, 5],
        identities: [{ key: '$identity_email', value: 'ada@example.com' }],
      },
    ],
    ['an undo', { kind: 'undo', id: 'mrq_2', by: 'key_1', mergeId: 7 }],
  ])('%s is read as it was written', (_name, request) => {
    const item = JSON.parse(JSON.stringify(toJournalItem(request, 1))) as DecodedRecord;
    expect(readMergeRequest(item)).toEqual(request);
  });

  it('has the same event id however often it is written', () => {
    const request: MergeRequest = { kind: 'undo', id: 'mrq_2', by: 'key_1', mergeId: 7 };
    expect(toJournalItem(request, 1)['eventId']).toBe(toJournalItem(request, 2)['eventId']);
  });

  it('is nothing else', () => {
    expect(
      readMergeRequest({ type: 'track', properties: { id: 'a', by: 'b' } } as unknown as DecodedRecord),
    ).toBeNull();
  });

  it.each([
    ['mrg_7', 7],
    ['mrg_0', null],
    ['7', null],
    ['mrg_7x', null],
  ])('shows a merge as %s', (text, mergeId) => {
    expect(parseMergeId(text)).toBe(mergeId);
    if (mergeId !== null) expect(formatMergeId(mergeId)).toBe(text);
  });
});
