import { type Claim, mergeIdentity } from './merge-identity.js';

const claim = (change: Partial<Claim>): Claim => ({
  login: null,
  others: [],
  loggedIn: new Set(),
  joins: true,
  ...change,
});

describe('mergeIdentity', () => {
  it('makes a new person for an unknown device', () => {
    expect(mergeIdentity(claim({ others: [{ id: 'dev', owner: null }], joins: false }))).toEqual({
      person: null,
      assign: ['dev'],
      absorb: [],
    });
  });

  it('turns the anonymous person of the device into the one who logs in first', () => {
    const plan = mergeIdentity(
      claim({ login: { id: 'u1', owner: null }, others: [{ id: 'dev', owner: 7 }] }),
    );
    expect(plan).toEqual({ person: 7, assign: ['u1'], absorb: [] });
  });

  it('joins the anonymous person of a second device into the known login', () => {
    const plan = mergeIdentity(
      claim({ login: { id: 'u1', owner: 3 }, others: [{ id: 'dev2', owner: 9 }], loggedIn: new Set([3]) }),
    );
    expect(plan).toEqual({ person: 3, assign: [], absorb: [9] });
  });

  it('never joins two persons who each have a login', () => {
    const plan = mergeIdentity(
      claim({ login: { id: 'u2', owner: null }, others: [{ id: 'dev', owner: 3 }], loggedIn: new Set([3]) }),
    );
    expect(plan).toEqual({ person: null, assign: ['u2'], absorb: [] });
  });

  it('joins bound identities without a login', () => {
    const plan = mergeIdentity(
      claim({
        others: [
          { id: 'mail', owner: 4 },
          { id: 'phone', owner: 5 },
          { id: 'x', owner: null },
        ],
      }),
    );
    expect(plan).toEqual({ person: 4, assign: ['x'], absorb: [5] });
  });

  it('does not join on a plain event', () => {
    const plan = mergeIdentity(
      claim({
        others: [
          { id: 'a', owner: 4 },
          { id: 'b', owner: 5 },
        ],
        joins: false,
      }),
    );
    expect(plan).toEqual({ person: 4, assign: [], absorb: [] });
  });
});
