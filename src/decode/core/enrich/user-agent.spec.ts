import { readUserAgent } from './user-agent.js';

const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const WECHAT =
  'Mozilla/5.0 (Linux; Android 12; SM-G991B Build/SP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/99 Mobile Safari/537.36 MicroMessenger/8.0.20';
const MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15';

describe('readUserAgent', () => {
  it.each([
    [
      'a desktop browser',
      WINDOWS,
      { $browser: 'Chrome', $browser_version: '126.0.0.0', $os: 'Windows', $os_version: '10' },
    ],
    [
      'the browser inside WeChat',
      WECHAT,
      {
        $browser: 'WeChat',
        $os: 'Android',
        $os_version: '12',
        $manufacturer: 'Samsung',
        $brand: 'Samsung',
        $model: 'SM-G991B',
      },
    ],
    ['a Mac', MAC, { $browser: 'Safari', $os: 'macOS', $os_version: '10.15.7' }],
    [
      'an app on Android',
      'Dalvik/2.1.0 (Linux; U; Android 13; Pixel 6 Build/TQ3A)',
      { $os: 'Android', $model: 'Pixel 6' },
    ],
  ])('reads %s', (_name, userAgent, properties) => {
    expect(readUserAgent(userAgent)).toMatchObject({ properties, isBot: false });
  });

  it.each([
    ['a crawler', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', true],
    ['a headless browser', 'Mozilla/5.0 (X11; Linux x64) HeadlessChrome/120', true],
    ['a script', 'curl/8.0', true],
    ['the SDK for iOS', 'SensorsAnalytics iOS SDK', false],
    ['an app on iOS', 'Demo/1 CFNetwork/1404 Darwin/22.3.0', false],
    ['an app on Android', 'okhttp/4.9.0', false],
    ['nothing', '', false],
  ])('tells whether %s is a bot', (_name, userAgent, isBot) => {
    expect(readUserAgent(userAgent).isBot).toBe(isBot);
  });

  it('takes a hostile user agent in no time', () => {
    const startedAt = performance.now();
    readUserAgent(`Mozilla/5.0 (${'Linux; Android '.repeat(5_000)}`);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
