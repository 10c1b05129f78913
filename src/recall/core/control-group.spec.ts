import { isInControlGroup } from './control-group.js';

const USERS = Array.from({ length: 20_000 }, (_unused, index) => index + 1);

function members(campaignId: string, percent: number): number[] {
  return USERS.filter((userId) => isInControlGroup(campaignId, userId, percent));
}

describe('the control group', () => {
  it('is empty at zero percent', () => {
    expect(members('cmp_a', 0)).toEqual([]);
  });

  it('holds about its share of the users', () => {
    expect(members('cmp_a', 10).length / USERS.length).toBeCloseTo(0.1, 1);
  });

  it('keeps its members when it grows', () => {
    const large = new Set(members('cmp_a', 20));
    expect(members('cmp_a', 5).every((userId) => large.has(userId))).toBe(true);
  });

  it('is another one in another campaign', () => {
    const other = new Set(members('cmp_b', 10));
    const shared = members('cmp_a', 10).filter((userId) => other.has(userId)).length;
    expect(shared / USERS.length).toBeCloseTo(0.01, 2);
  });
});
