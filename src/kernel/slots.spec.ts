import { Slots } from './slots.js';

describe('Slots', () => {
  it('runs everything, never more at once than there are slots, also when work fails', async () => {
    const slots = new Slots(2);
    let running = 0;
    let most = 0;
    const work = (fails: boolean) => async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (fails) throw new Error('failed');
      return 'done';
    };
    const results = await Promise.allSettled(
      [false, true, false, true, false].map((fails) => slots.run(work(fails))),
    );
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(most).toBe(2);
  });
});
