import { dueNext, isSameDefinition, type Scheduled } from './change-segment.js';
import type { SegmentDefinition } from './condition.js';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const daily: Scheduled = { state: 'active', scheduleCron: '0 9 * * *', scheduleZone: 'Asia/Shanghai' };

describe('dueNext', () => {
  it.each<[string, Scheduled, string | null]>([
    ['an active segment is due by its schedule', daily, '2026-03-11T01:00:00.000Z'],
    ['a paused one is not due', { ...daily, state: 'paused' }, null],
    ['an archived one is not due', { ...daily, state: 'archived' }, null],
    ['one without a schedule is not due', { ...daily, scheduleCron: null }, null],
  ])('%s', (_, segment, expected) => {
    const due = dueNext(segment, NOW);
    expect(due === null ? null : new Date(due).toISOString()).toBe(expected);
  });
});

describe('isSameDefinition', () => {
  const definition: SegmentDefinition = {
    version: 1,
    where: { event: 'pay', window: 'all_time', compare: { op: 'at_least', value: 1 } },
  };

  it('looks past the order of fields', () => {
    const reordered = {
      where: { compare: { value: 1, op: 'at_least' }, window: 'all_time', event: 'pay' },
      version: 1,
    };
    expect(isSameDefinition(definition, reordered as SegmentDefinition)).toBe(true);
  });

  it('sees any other difference', () => {
    expect(isSameDefinition(definition, { version: 1, where: { any: [definition.where] } })).toBe(false);
  });
});
