import { javaStringHash } from './java-string-hash.js';

describe('the checksum of the mobile SDKs', () => {
  it.each([
    ['hello', 99162322],
    ['polygenelubricants', -2147483648],
    ['', 0],
  ])('of %j is that of the JDK', (text, expected) => {
    expect(javaStringHash(text)).toBe(expected);
  });
});
