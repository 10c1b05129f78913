import { isFromServer } from './client.js';

const BROWSER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0';

describe('isFromServer', () => {
  it.each([
    ['Node/1.2.6', true],
    ['Java/3.4.5', true],
    ['python/1.11.0', true],
    ['PHP/2.1.0', true],
    ['golang/2.0.1', true],
    ['@segment/analytics-node/2.1.0', true],
    ['posthog-python/3.0', true],
    ['HdfsImporter', true],
    ['js/1.27.11', false],
    ['JavaScript', false],
    ['analytics.js/2.11.1', false],
    ['analytics-react-native/2.0', false],
    ['Android/6.8.0', false],
    ['iOS/4.9.1', false],
    ['MiniProgram/1.22.8', false],
  ])('says of the library %s: %s', (source, expected) => {
    expect(isFromServer(source, '')).toBe(expected);
  });

  it.each([
    ['a browser', BROWSER, false],
    ['a script', 'curl/8.0', true],
    ['nobody', '', true],
  ])('asks the user agent where no library is named: %s', (_name, userAgent, expected) => {
    expect(isFromServer('', userAgent)).toBe(expected);
  });
});
