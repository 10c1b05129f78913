import { isReadableQr } from './qr-colours.js';

describe('colours of a QR code', () => {
  it.each([
    ['black on white', '000000', 'ffffff', true],
    ['dark red on cream', '8b0000', 'fff8e7', true],
    ['white on black, which many cameras cannot read', 'ffffff', '000000', false],
    ['grey on grey', '888888', '999999', false],
    ['yellow on white', 'ffff00', 'ffffff', false],
  ])('%s', (_case, color, background, expected) => {
    expect(isReadableQr(color, background)).toBe(expected);
  });
});
