import { lastSegment } from './last-segment.js';

describe('lastSegment', () => {
  it.each([
    ['/sa', 'sa'],
    ['/sa?project=a/b', 'sa'],
    ['/any/prefix/sa.gif?data=x', 'sa.gif'],
    ['/any/sa/', 'sa'],
    ['/any/sax', 'sax'],
    ['/', ''],
    ['', ''],
    ['/?a=/sa', ''],
  ])('of %s is %s', (url, expected) => {
    expect(lastSegment(url)).toBe(expected);
  });
});
