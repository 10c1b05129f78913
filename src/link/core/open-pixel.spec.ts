import { newId } from '../../kernel/ids.js';
import { isMachineOpen, PIXEL_GIF, parsePixelToken, toPixelPayload } from './open-pixel.js';

const SIGNATURE = 'a-_4567890123456789012';

describe('the open pixel', () => {
  it('is a GIF of 43 bytes', () => {
    expect(PIXEL_GIF).toHaveLength(43);
    expect(PIXEL_GIF.subarray(0, 6).toString()).toBe('GIF89a');
  });

  it.each([4711, 0])('reads from a token what was put into it, for user %i', (userId) => {
    const message = { projectId: 3, userId, messageId: newId('message') };
    const payload = toPixelPayload(message);
    expect(parsePixelToken(`${payload}.${SIGNATURE}`)).toEqual({ payload, signature: SIGNATURE, message });
  });

  it.each([
    ['nothing', ''],
    ['no signature', `1.2.${newId('message')}`],
    ['a short signature', `1.2.${newId('message')}.abc`],
    ['an id of another kind', `1.2.${newId('link')}.${SIGNATURE}`],
    ['a project that is no number', `x.2.${newId('message')}.${SIGNATURE}`],
    ['a user beyond what a number holds', `1.9999999999999999.${newId('message')}.${SIGNATURE}`],
    ['more behind it', `1.2.${newId('message')}.${SIGNATURE}.x`],
  ])('knows no message from %s', (_case, token) => {
    expect(parsePixelToken(token)).toBeNull();
  });

  it.each([
    ['Apple Mail Privacy Protection', 'Mozilla/5.0', true],
    [
      'the proxy of Gmail',
      'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
      true,
    ],
    ['the proxy of Yahoo', 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html', true],
    [
      'Apple Mail opened by a person',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
      false,
    ],
    ['a client that sends no user agent', undefined, false],
  ])('knows whether a machine opened: %s', (_case, userAgent, expected) => {
    expect(isMachineOpen(userAgent)).toBe(expected);
  });
});
