import { GROUP_SIZE, groupDue } from './group-due.js';

const NOW = Date.UTC(2026, 0, 2);
const message = (id: string, dueAt = NOW, projectId = 1) => ({ id, projectId, dueAt });

describe('groupDue', () => {
  it('puts messages of one project that are due into one job', () => {
    expect(groupDue([message('a'), message('b', NOW - 5_000)], NOW)).toEqual([
      { projectId: 1, messageIds: ['a', 'b'], delayMs: 0 },
    ]);
  });

  it('keeps projects and moments apart', () => {
    const groups = groupDue([message('a'), message('b', NOW, 2), message('c', NOW + 60_000)], NOW);
    expect(groups.map((group) => [group.projectId, group.messageIds, group.delayMs])).toEqual([
      [1, ['a'], 0],
      [2, ['b'], 0],
      [1, ['c'], 60_000],
    ]);
  });

  it('never makes a job wait less than its last message', () => {
    const [group] = groupDue([message('a', NOW + 100), message('b', NOW + 900)], NOW);
    expect(group).toMatchObject({ messageIds: ['a', 'b'], delayMs: 900 });
  });

  it('splits what is more than one job takes, and loses none', () => {
    const many = Array.from({ length: GROUP_SIZE * 2 + 1 }, (_, i) => message(`m${i}`));
    const groups = groupDue(many, NOW);
    expect(groups.map((group) => group.messageIds.length).sort((a, b) => a - b)).toEqual([
      1,
      GROUP_SIZE,
      GROUP_SIZE,
    ]);
    expect(new Set(groups.flatMap((group) => group.messageIds)).size).toBe(many.length);
  });
});
