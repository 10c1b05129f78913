import { contentEventId, trackedEventId } from './event-id.js';

const PARTS = {
  projectId: 1,
  distinctId: 'd1',
  trackId: '77',
  rawTime: '1775000000000',
  name: 'track\0View',
};

describe('the id of an event', () => {
  it('is 32 hex digits and the same every time', () => {
    expect(trackedEventId(PARTS)).toMatch(/^[0-9a-f]{32}$/);
    expect(trackedEventId({ ...PARTS })).toBe(trackedEventId(PARTS));
  });

  it.each([
    ['project', { projectId: 2 }],
    ['person', { distinctId: 'd2' }],
    ['track id', { trackId: '78' }],
    ['time', { rawTime: '1775000000001' }],
    ['name', { name: 'track\0Buy' }],
  ])('differs by the %s', (_name, change) => {
    expect(trackedEventId({ ...PARTS, ...change })).not.toBe(trackedEventId(PARTS));
  });

  it('of a record without a track id does not depend on the order of keys or the time of sending', () => {
    const record = { a: 1, properties: { x: [1, { p: 1, q: 2 }], y: null }, _flush_time: 1 };
    const first = contentEventId(1, record, null);
    const again = contentEventId(
      1,
      {
        _flush_time: 2,
        properties: { y: null, x: [1, { q: 2, p: 1 }] },
        a: 1,
        _nocache: 3,
      },
      null,
    );
    expect(again).toBe(first);
    expect(contentEventId(1, { a: 1, properties: { x: [1, { p: 1, q: 3 }], y: null } }, null)).not.toBe(
      first,
    );
    expect(contentEventId(2, { a: 1 }, null)).not.toBe(contentEventId(1, { a: 1 }, null));
  });

  it('of a record nested without end is found all the same', () => {
    expect(contentEventId(1, JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`), null)).toMatch(
      /^[0-9a-f]{32}$/,
    );
  });
});
