import { haveSameTraits, traitsOfProperties, traitsOfUserAgent } from './device-traits.js';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148';
const ANDROID =
  'Mozilla/5.0 (Linux; Android 13; FAKE-100 Build/TKQ1; wv) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36';

describe('device traits', () => {
  it.each([
    ['an iPhone', IPHONE, { os: 'ios', osVersion: '17.2', model: null }],
    ['an Android web view', ANDROID, { os: 'android', osVersion: '13', model: 'FAKE-100' }],
    [
      'a browser that hides the model',
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36',
      { os: 'android', osVersion: '10', model: null },
    ],
    ['a server', 'okhttp/4.9', null],
  ])('reads %s', (_, userAgent, traits) => {
    expect(traitsOfUserAgent(userAgent)).toEqual(traits);
  });

  it.each([
    ['the same iPhone version', IPHONE, { $os: 'iOS', $os_version: '17.2.0', $model: 'iPhone99,9' }, true],
    ['another iPhone version', IPHONE, { $os: 'iOS', $os_version: '17.3' }, false],
    ['the same Android model', ANDROID, { $os: 'Android', $os_version: '13', $model: 'fake-100' }, true],
    ['another Android model', ANDROID, { $os: 'Android', $os_version: '13', $model: 'FAKE-200' }, false],
    ['an Android without a model', ANDROID, { $os: 'Android', $os_version: '13' }, false],
  ])('compares a click with %s', (_, userAgent, properties, expected) => {
    const clicked = traitsOfUserAgent(userAgent)!;
    expect(haveSameTraits(clicked, traitsOfProperties(properties)!)).toBe(expected);
  });
});
