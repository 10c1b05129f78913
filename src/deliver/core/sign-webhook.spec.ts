import { signWebhook } from './sign-webhook.js';

describe('signWebhook', () => {
  it('signs the time and the body with HMAC-SHA256, as openssl does', () => {
    // printf '1767312000.{"a":1}' | openssl dgst -sha256 -hmac key
    expect(signWebhook('key', 1_767_312_000, '{"a":1}')).toBe(
      't=1767312000,v1=8511a84109ca864c01a20542e4daa8a5f322dcf19cade42a08e0f0a02b3eec58',
    );
  });

  it.each([
    ['another body', signWebhook('key', 1, 'b')],
    ['another time', signWebhook('key', 2, 'a')],
    ['another key', signWebhook('yek', 1, 'a')],
  ])('differs for %s', (_case, other) =>
    expect(other.split('v1=')[1]).not.toBe(signWebhook('key', 1, 'a').split('v1=')[1]),
  );
});
