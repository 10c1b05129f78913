import { type Arrival, classifyReferrer } from './referrer.js';

const classOf = (change: Partial<Arrival>) =>
  classifyReferrer({
    referrerHost: null,
    host: 'shop.example.com',
    parameters: '',
    utmSource: null,
    utmMedium: null,
    ...change,
  });

describe('classifyReferrer', () => {
  it.each([
    ['google of any country', 'www.google.co.uk', 'search'],
    ['google', 'google.de', 'search'],
    ['Baidu', 'm.baidu.com', 'search'],
    ['a forum of Baidu', 'tieba.baidu.com', 'social'],
    ['WeChat', 'mp.weixin.qq.com', 'social'],
    ['a short link of Twitter', 't.co', 'social'],
    ['a name that only ends like one', 'nott.co', 'referral'],
    ['another site', 'blog.example.org', 'referral'],
    ['a site whose name holds another', 'google.example.org', 'referral'],
    ['the same host', 'shop.example.com', 'internal'],
    ['another host of the site', 'www.example.com', 'internal'],
    ['no page', '', 'direct'],
  ])('takes %s for what it is', (_name, referrerHost, expected) => {
    expect(classOf({ referrerHost })).toBe(expected);
  });

  it.each([
    ['siblings below a shared second level', 'one.co.uk', 'two.co.uk', 'referral'],
    ['hosts of one site below it', 'a.one.com.cn', 'b.one.com.cn', 'internal'],
    ['two addresses in numbers', '203.0.113.1', '203.0.113.2', 'referral'],
  ])('tells sites apart: %s', (_name, host, referrerHost, expected) => {
    expect(classOf({ host, referrerHost })).toBe(expected);
  });

  it.each([
    ['a bought medium', { utmMedium: 'CPC', referrerHost: 'www.google.com' }, 'paid'],
    ['a bought medium of a social network', { utmMedium: 'paid_social', referrerHost: 't.co' }, 'paid'],
    ['the mark of an ad', { parameters: 'x=1&gclid=abc', referrerHost: 'www.google.com' }, 'paid'],
    ['the mark of an ad without a referrer', { parameters: 'bd_vid=1', referrerHost: '' }, 'paid'],
    ['a campaign by mail', { utmSource: 'news', utmMedium: 'email', referrerHost: '' }, 'referral'],
    ['a campaign that says nothing of a referrer', { utmSource: 'news' }, 'referral'],
    ['an organic campaign', { utmSource: 'baidu', utmMedium: 'organic' }, 'search'],
    ['a social campaign', { utmSource: 'weibo', utmMedium: 'social' }, 'social'],
    ['nothing', {}, null],
  ])('decides by the address of the page: %s', (_name, arrival, expected) => {
    expect(classOf(arrival)).toBe(expected);
  });
});
