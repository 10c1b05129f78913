import { nearestNames } from './nearest-names.js';

const KNOWN = ['PayOrder', 'PayOrderFailed', 'ViewProduct', 'view', '$pageview', 'a', 'b'];

describe('nearestNames', () => {
  it.each([
    ['payorder', ['PayOrder']],
    ['PayOder', ['PayOrder']],
    ['ViewProdcut', ['ViewProduct']],
    ['veiw', ['view']],
    ['Views', ['view']],
    ['$pageviews', ['$pageview']],
    ['c', []],
    ['SomethingElse', []],
  ])('finds for %s what was probably meant', (name, expected) => {
    expect(nearestNames(name, KNOWN)).toEqual(expected);
  });

  it('shows the most likely first, and only a few', () => {
    expect(nearestNames('page1', ['page23', 'page12', 'page2', 'page3', 'page4'])).toEqual([
      'page12',
      'page2',
      'page3',
    ]);
  });
});
