import { catchUp, dueNext, type Scheduled } from './due-next.js';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const daily: Scheduled = { state: 'active', scheduleCron: '0 9 * * *', scheduleZone: 'Asia/Shanghai' };

describe('dueNext', () => {
  it.each<[string, Scheduled, string | null]>([
    ['what is active is due by its schedule', daily, '2026-03-11T01:00:00.000Z'],
    ['a paused one is not due', { ...daily, state: 'paused' }, null],
    ['an archived one is not due', { ...daily, state: 'archived' }, null],
    ['one without a schedule is not due', { ...daily, scheduleCron: null }, null],
  ])('%s', (_, segment, expected) => {
    const due = dueNext(segment, NOW);
    expect(due === null ? null : new Date(due).toISOString()).toBe(expected);
  });
});

describe('catchUp', () => {
  it('makes up for the latest missed moment only', () => {
    const { asOf, nextRunAt } = catchUp({ ...daily, nextRunAt: new Date('2026-03-07T01:00:00Z') }, NOW);
    expect(new Date(asOf).toISOString()).toBe('2026-03-10T01:00:00.000Z');
    expect(new Date(nextRunAt ?? 0).toISOString()).toBe('2026-03-11T01:00:00.000Z');
  });
});
