import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/**
 * Everything made with the service's secret key: signatures, and secrets at rest.
 * Each purpose uses a key of its own, derived by HKDF-SHA256.
 */
export class Secrets {
  private readonly keys = new Map<string, Buffer>();

  constructor(private readonly secretKey: string) {}

  /** HMAC-SHA256 as base64url, cut to `length` characters (22 are 132 bits). */
  sign(purpose: string, text: string, length = 43): string {
    return createHmac('sha256', this.key(`sign:${purpose}`))
      .update(text)
      .digest('base64url')
      .slice(0, length);
  }

  verify(purpose: string, text: string, signature: string): boolean {
    return constantTimeEqual(this.sign(purpose, text, signature.length), signature) && signature.length >= 22;
  }

  /** AES-256-GCM; the result holds nonce, tag and text, and starts with the format's version. */
  encrypt(purpose: string, plain: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key(`encrypt:${purpose}`), nonce);
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
  }

  /** @throws where the text was not made by `encrypt` with this key and purpose */
  decrypt(purpose: string, sealed: string): string {
    const bytes = Buffer.from(sealed.replace(/^v1\./, ''), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.key(`encrypt:${purpose}`), bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }

  private key(purpose: string): Buffer {
    let key = this.keys.get(purpose);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', this.secretKey, '', `rekindle:${purpose}`, 32));
      this.keys.set(purpose, key);
    }
    return key;
  }
}

/** SHA-256 as hex: how API keys, which are long and random, are kept. */
export function hashApiKey(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex');
}

export function constantTimeEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
