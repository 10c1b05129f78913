import type { DecodedRecord } from '../../../kernel/event.js';
import { enrichRecord, type RequestTraits } from './enrich-record.js';
import { readUserAgent } from './user-agent.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';
const GHENT = { $country: 'Belgium', $city: 'Ghent', $country_code: 'BE' };
const request = (change: Partial<RequestTraits> = {}): RequestTraits => {
  const userAgent = change.userAgent ?? CHROME;
  return {
    ip: '203.0.113.9',
    userAgent,
    locate: (ip) => (ip === '203.0.113.9' ? GHENT : ip === '198.51.100.7' ? { $city: 'Bruges' } : null),
    readUserAgent: () => readUserAgent(userAgent),
    ...change,
  };
};
const enriched = (
  properties: DecodedRecord['properties'],
  { source = 'js/1.27.11', type = 'track' as DecodedRecord['type'], userAgent = CHROME } = {},
) => {
  const record = { source, type, properties: { ...properties } } as DecodedRecord;
  enrichRecord(record, request({ userAgent }));
  return record.properties;
};

describe('enrichRecord', () => {
  it('adds what a page view of a browser tells', () => {
    const properties = enriched({
      $ip: '203.0.113.9',
      $url: 'https://shop.example.com/tea?utm_source=news&utm_medium=email&utm_campaign=spring%20sale',
      $referrer: '',
    });
    expect(properties).toEqual({
      $ip: '203.0.113.9',
      $url: 'https://shop.example.com/tea?utm_source=news&utm_medium=email&utm_campaign=spring%20sale',
      $referrer: '',
      ...GHENT,
      $browser: 'Chrome',
      $browser_version: '126.0.0.0',
      $os: 'Windows',
      $os_version: '10',
      $url_host: 'shop.example.com',
      $url_path: '/tea',
      $url_query: 'utm_source=news&utm_medium=email&utm_campaign=spring%20sale',
      $utm_source: 'news',
      $utm_medium: 'email',
      $utm_campaign: 'spring sale',
      $referrer_class: 'referral',
    });
  });

  it('leaves what the client sent as it is', () => {
    const sent = {
      $ip: '203.0.113.9',
      $city: 'Antwerp',
      $country: 'Nowhere',
      $country_code: 'XX',
      $browser: 'Mine',
      $browser_version: '1',
      $os: 'Mine OS',
      $os_version: '2',
      $url: 'https://shop.example.com/?utm_source=a',
      $url_host: 'else.example.com',
      $url_path: '/else',
      $url_query: '',
      $utm_source: 'b',
      $referrer: 'https://www.google.com/',
      $referrer_host: 'mine',
      $referrer_class: 'mine',
    };
    expect(enriched(sent)).toEqual(sent);
  });

  it.each([
    ['the address of its own server', { $ip: '203.0.113.9' }, {}],
    ['the address of its user', { $ip: '198.51.100.7' }, { $city: 'Bruges' }],
  ])('locates of a server SDK not %s', (_name, properties, expected) => {
    expect(enriched(properties, { source: 'Java/3.4', userAgent: 'SensorsAnalytics Java SDK' })).toEqual({
      ...properties,
      ...expected,
    });
  });

  it('flags bots, and drops none', () => {
    const userAgent = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
    expect(enriched({}, { userAgent })).toMatchObject({ $is_bot: true });
    expect(enriched({}, { userAgent: 'okhttp/4.9', source: 'Android/6.8' })).toEqual({});
  });

  it.each([
    ['profile records', { type: 'profile_set' as const }],
    ['records that take identities away', { type: 'unbind' as const }],
  ])('leaves %s as they are', (_name, options) => {
    expect(enriched({ $url: 'https://example.com/', $ip: '203.0.113.9' }, options)).toEqual({
      $url: 'https://example.com/',
      $ip: '203.0.113.9',
    });
  });

  it.each([
    ['the name of a screen', { $url: 'com.example.Main' }, {}],
    ['a list', { $url: ['https://example.com/'] }, {}],
    ['what an SDK puts where it could not tell', { $referrer: '取值异常' }, {}],
    [
      'a search',
      { $referrer: 'https://www.bing.com/search?q=x' },
      { $referrer_host: 'www.bing.com', $referrer_class: 'search' },
    ],
    ['a campaign that the SDK read', { $utm_source: 'x', $utm_medium: 'cpc' }, { $referrer_class: 'paid' }],
  ])('reads %s', (_name, properties, expected) => {
    expect(enriched(properties, { source: 'Android/6.8', userAgent: '' })).toEqual({
      ...properties,
      ...expected,
    });
  });
});
