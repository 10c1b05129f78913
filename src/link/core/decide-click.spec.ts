import { decideClick, isBotVisit, type LinkState, type VisitHeaders } from './decide-click.js';

const NOW = Date.UTC(2030, 0, 1);
const aLink = (change: Partial<LinkState> = {}): LinkState => ({
  isDisabled: false,
  expiresAt: null,
  maxClicks: null,
  clickCount: 0,
  ...change,
});

describe('what a visitor of a link gets', () => {
  it.each([
    ['no such link', null, null, { kind: 'unknown' }],
    ['an open link', aLink(), true, { kind: 'redirect' }],
    ['the last click under the limit', aLink({ maxClicks: 1, clickCount: 0 }), true, { kind: 'redirect' }],
    [
      'one click too many',
      aLink({ maxClicks: 1, clickCount: 1 }),
      false,
      { kind: 'gone', reason: 'click_limit' },
    ],
    [
      'the last place, taken at the same moment',
      aLink({ maxClicks: 1 }),
      false,
      { kind: 'gone', reason: 'click_limit' },
    ],
    ['a disabled link', aLink({ isDisabled: true }), false, { kind: 'gone', reason: 'disabled' }],
    ['a link that ends now', aLink({ expiresAt: NOW }), false, { kind: 'gone', reason: 'expired' }],
    ['a bot at an open link', aLink(), null, { kind: 'redirect' }],
    ['a bot at a link that ends in a moment', aLink({ expiresAt: NOW + 1 }), null, { kind: 'redirect' }],
    [
      'a bot at a used-up link',
      aLink({ maxClicks: 3, clickCount: 3 }),
      null,
      { kind: 'gone', reason: 'click_limit' },
    ],
  ])('%s', (_case, link, counted, expected) => {
    expect(decideClick(link, { counted, nowMs: NOW })).toEqual(expected);
  });
});

describe('visits that nobody looks at', () => {
  const PERSON =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.42';
  const headers = (change: Partial<VisitHeaders>): VisitHeaders => ({
    userAgent: PERSON,
    purpose: undefined,
    secPurpose: undefined,
    xPurpose: undefined,
    xMoz: undefined,
    ...change,
  });

  it.each([
    ['a phone inside WeChat', {}, false],
    [
      'a phone inside DingTalk',
      { userAgent: 'Mozilla/5.0 (Linux; Android 13) Chrome/111.0 Mobile Safari/537.36 AliApp(DingTalk/7.0)' },
      false,
    ],
    ['a browser that sends no user agent', { userAgent: undefined }, false],
    ['a crawler', { userAgent: 'Mozilla/5.0 (compatible; Baiduspider/2.0)' }, true],
    ['the link preview of DingTalk', { userAgent: 'DingTalkBot-LinkService/1.0' }, true],
    ['the link preview of Slack', { userAgent: 'Slackbot-LinkExpanding 1.0' }, true],
    ['a script', { userAgent: 'curl/8.1' }, true],
    ['Chrome loading ahead', { secPurpose: 'prefetch;prerender' }, true],
    ['Safari showing a preview', { xPurpose: 'preview' }, true],
    ['an older Firefox loading ahead', { xMoz: 'prefetch' }, true],
    ['a proxy that says prefetch', { purpose: 'Prefetch' }, true],
  ])('%s', (_case, change, expected) => {
    expect(isBotVisit(headers(change))).toBe(expected);
  });
});
