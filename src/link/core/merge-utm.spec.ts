import { mergeUtm } from './merge-utm.js';

describe('UTM parameters of a target', () => {
  it.each([
    ['none given changes nothing', 'https://example.org/?a=1', {}, 'https://example.org/?a=1'],
    [
      'they make the query',
      'https://example.org/',
      { source: 'mail' },
      'https://example.org/?utm_source=mail',
    ],
    [
      'they follow what is there, in the usual order',
      'https://example.org/?a=1',
      { campaign: 'back', source: 'mail' },
      'https://example.org/?a=1&utm_source=mail&utm_campaign=back',
    ],
    [
      'they stand before the fragment',
      'https://example.org/p#top?x',
      { medium: 'sms' },
      'https://example.org/p?utm_medium=sms#top?x',
    ],
    [
      'a given one replaces the one in the target',
      'https://example.org/?utm_source=old&b=2&utm%5Fsource=older',
      { source: 'new' },
      'https://example.org/?b=2&utm_source=new',
    ],
    [
      'what is encoded is not encoded again, and a broken escape survives',
      'https://example.org/?q=%E8%B7%AF+x%20y&z=%zz',
      { term: '路 & co' },
      'https://example.org/?q=%E8%B7%AF+x%20y&z=%zz&utm_term=%E8%B7%AF%20%26%20co',
    ],
  ])('%s', (_case, target, utm, expected) => {
    expect(mergeUtm(target, utm)).toBe(expected);
  });
});
