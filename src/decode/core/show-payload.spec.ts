import { showPayload } from './show-payload.js';

describe('showPayload', () => {
  it.each([
    ['text as text', Buffer.from('{"a":"商"}'), false, { encoding: 'text', content: '{"a":"商"}' }],
    [
      'other bytes as base64',
      Buffer.from([0x1f, 0x8b, 0xff]),
      false,
      { encoding: 'base64', content: 'H4v/' },
    ],
    [
      'text cut within a character',
      Buffer.from('a商').subarray(0, 3),
      true,
      { encoding: 'text', content: 'a' },
    ],
    ['text cut behind a character', Buffer.from('a商'), true, { encoding: 'text', content: 'a商' }],
    ['nothing', Buffer.alloc(0), true, { encoding: 'text', content: '' }],
  ] as const)('shows %s', (_name, bytes, isCut, expected) => {
    expect(showPayload(bytes, isCut)).toEqual(expected);
  });
});
