import { diffLive, type LiveRow } from './diff-live.js';

const alone = (...users: number[]) => new Map(users.map((user) => [user, user]));
const row = (userId: number, isMember: 0 | 1, edge = 0): LiveRow => ({ userId, isMember, edge });

describe('What an update of a live segment changes', () => {
  it('is an entry where a user is a member who was none, and an exit the other way round', () => {
    expect(diffLive(alone(1, 2), [row(2, 1, 50)], [row(1, 1, 70)])).toEqual({
      rows: [row(1, 1, 70), row(2, 0)],
      changes: [
        { userId: 1, isEntry: true },
        { userId: 2, isEntry: false },
      ],
    });
  });

  it('is nothing where everything is as it was', () => {
    expect(diffLive(alone(1, 2), [row(1, 1, 70)], [row(1, 1, 70)])).toEqual({ rows: [], changes: [] });
  });

  it('is the edge alone where only that moved', () => {
    expect(diffLive(alone(1), [row(1, 1, 70)], [row(1, 1, 90)])).toEqual({
      rows: [row(1, 1, 90)],
      changes: [],
    });
  });

  it('leaves users alone who were not looked at', () => {
    expect(diffLive(alone(1), [], [row(2, 1)])).toEqual({ rows: [], changes: [] });
  });

  it('says nothing where a member was merged into a user who is one now', () => {
    const persons = new Map([
      [1, 2],
      [2, 2],
    ]);
    expect(diffLive(persons, [row(1, 1, 5)], [row(2, 1, 9)])).toEqual({
      rows: [row(1, 0), row(2, 1, 9)],
      changes: [],
    });
  });

  it('is one exit where two members became a user who is none', () => {
    const persons = new Map([
      [1, 2],
      [2, 2],
    ]);
    expect(diffLive(persons, [row(1, 1), row(2, 1)], [])).toEqual({
      rows: [row(1, 0), row(2, 0)],
      changes: [{ userId: 2, isEntry: false }],
    });
  });
});
