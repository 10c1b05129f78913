import { EVENTS_QUERY } from './events-query.js';
import { shapeEvents } from './shape-events.js';

const HOUR = 3_600_000;
const STARTS = [10 * HOUR, 11 * HOUR];
const measures = [{ fn: 'count' }, { fn: 'sum', property: 'a' }, { fn: 'avg', property: 'a' }];

function query(body: object) {
  return EVENTS_QUERY.parse({ range: { last: { days: 1 } }, measures, ...body });
}

describe('The table of events', () => {
  it('has every bucket: nothing counts 0 and has no average', () => {
    const rows = [{ bucket: 3600, m1: 2, m2: 5, m3: 2.5 }];
    expect(shapeEvents(query({ bucket: 'hour' }), STARTS, rows).points).toEqual([
      { startMs: 10 * HOUR, group: [], isOther: false, values: [0, 0, null] },
      { startMs: 11 * HOUR, group: [], isOther: false, values: [2, 5, 2.5] },
    ]);
  });

  it('has the groups by rank and the others last, each with every bucket', () => {
    const groupBy = [{ by: 'property', property: 'p' }];
    const rows = [
      { bucket: 0, place: 0, group1: '', groups: 0, m1: 9, m2: 0, m3: null },
      { bucket: 0, place: 2, group1: '', groups: 5, m1: 1, m2: 0, m3: null },
      { bucket: 3600, place: 1, group1: '"web"', groups: 5, m1: 3, m2: 0, m3: null },
    ];
    const { points, otherGroups } = shapeEvents(query({ bucket: 'hour', groupBy }), STARTS, rows);
    expect(points.map(({ group, isOther, values }) => [group[0], isOther, values[0]])).toEqual([
      ['web', false, 0],
      ['web', false, 3],
      [null, false, 1],
      [null, false, 0],
      [undefined, true, 9],
      [undefined, true, 0],
    ]);
    expect(otherGroups).toBe(3);
  });

  it('is one row of zeros where nothing happened', () => {
    expect(shapeEvents(query({}), null, []).points).toMatchObject([{ values: [0, 0, null] }]);
    expect(shapeEvents(query({ groupBy: [{ by: 'event' }] }), null, [])).toEqual({
      points: [],
      otherGroups: 0,
    });
  });
});
