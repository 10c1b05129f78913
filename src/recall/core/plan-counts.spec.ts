import { addPage, NO_COUNTS } from './plan-counts.js';

describe('addPage', () => {
  it('accounts for every member', () => {
    const first = addPage(NO_COUNTS, 10, { planned: 5, held: { no_address: 2 }, repeated: 1 });
    const both = addPage(first, 4, { planned: 1, held: { no_address: 1, blocklisted: 1 }, repeated: 1 });
    expect(both).toEqual({
      members: 14,
      planned: 6,
      held: { no_address: 3, blocklisted: 1 },
      repeated: 4,
    });
    expect(NO_COUNTS.held).toEqual({});
  });
});
