import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  constants as RSA,
} from 'node:crypto';
import { wrapEcies, wrapRsa } from '../../../../test/support/encrypted-payloads.js';
import type { KeyKind } from './key-ring.js';
import { makeKey, readKey } from './make-key.js';
import { openKey } from './open-key.js';

const CONTENT_KEY = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

/** A key made for this test, and what two foreign libraries made of its public half. */
const P256 =
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgU9b+kgMNcSCYIk6smzvz1W12mOF8f66A+g/Ta/BClX6hRANCAATN1ENKTgj4ZmsG/rCNZpUirkSygThi+Bk+n6PNGGJSVRNfytva3TEJ3MCGgLYfA1BQyDYk81576/wbVQwfEAZj';
const BOUNCY_CASTLE =
  'BNMRauQL/OH+pAC6Fw2nHhqq+Dqa8xjKe4a8Umi62KUItiAbkjL32NvKNUw5Ed2x4amlhRvgrFPC8D2canl0mpso040992SWzDarU2hJJoMoX+/Yh56B9NdCdlAUjvspUlEDP+k=';
const CRYPTO_PLUS_PLUS =
  'BC2Tfv74c62da99cxojvgSLFD0zah4Ztu+YlCRAqLFIvkI9jQZqh7r68pvHfHLTLy8ZAGDAKUQJzmG+YUa1RSsQss+8w5LR32bcKZEol8iL9FwM80pxqQTM0+KqK/t3hu5Uzamk=';

const opened = (kind: KeyKind, material: Buffer) => {
  const key = openKey(kind, material);
  if (key.kind !== 'pair') throw new Error('not a pair');
  return key;
};

describe('a private key', () => {
  it.each([
    ['Bouncy Castle 1.72', BOUNCY_CASTLE, CONTENT_KEY],
    ['Crypto++ 8.7', CRYPTO_PLUS_PLUS, Buffer.from('0123456789abcdef')],
  ])('unwraps what ECIES of %s wrapped', (_name, ekey, key) => {
    const { unwrap } = opened('ec', Buffer.from(P256, 'base64'));
    expect(unwrap(Buffer.from(ekey, 'base64'))).toEqual({ algorithm: 'aes-128-cbc', key });
  });

  it.each([
    ['rsa', wrapRsa],
    ['ec', wrapEcies],
  ] as const)('of the kind %s unwraps what was wrapped for it, and for no other', async (kind, wrap) => {
    const [mine, other] = await Promise.all([makeKey(kind), makeKey(kind)]);
    const ekey = Buffer.from(wrap(mine.publicKey ?? '', CONTENT_KEY), 'base64');
    expect(opened(kind, mine.material).unwrap(ekey)?.key).toEqual(CONTENT_KEY);
    expect(opened(kind, other.material).unwrap(ekey)?.key).not.toEqual(CONTENT_KEY);
  });

  it('answers wrong RSA padding with a random key, so that nobody can ask it about padding', async () => {
    const { material } = await makeKey('rsa');
    const { unwrap } = opened('rsa', material);
    const publicKey = createPublicKey(createPrivateKey({ key: material, format: 'der', type: 'pkcs8' }));
    const raw = (block: Buffer) => publicEncrypt({ key: publicKey, padding: RSA.RSA_NO_PADDING }, block);
    const padded = (change: (block: Buffer) => void) => {
      const block = Buffer.concat([Buffer.of(0, 2), Buffer.alloc(237, 9), Buffer.of(0), CONTENT_KEY]);
      change(block);
      return raw(block);
    };
    expect(unwrap(padded(() => undefined))?.key).toEqual(CONTENT_KEY);
    const wrong = [
      padded((block) => block.writeUInt8(1, 1)),
      padded((block) => block.writeUInt8(1, 0) && block.writeUInt8(0, 1)),
      padded((block) => block.writeUInt8(0, 100)),
      padded((block) => block.writeUInt8(7, 239)),
      Buffer.alloc(256, 0xff),
    ];
    for (const ekey of wrong) {
      const first = unwrap(ekey)?.key;
      expect(first).toHaveLength(16);
      expect(first).not.toEqual(CONTENT_KEY);
      expect(unwrap(ekey)?.key).not.toEqual(first);
    }
  });

  it.each(['rsa', 'ec', 'sm2'] as const)(
    'of the kind %s refuses what it cannot have wrapped',
    async (kind) => {
      const { unwrap } = opened(kind, (await makeKey(kind)).material);
      for (const length of [0, 1, 16, 64, 85, 86, 97, 101, 112, 113, 255, 300]) {
        expect(unwrap(Buffer.alloc(length, 4))).toBeNull();
      }
    },
  );
});

describe('importing a key', () => {
  const pem = (type: 'rsa' | 'ec', options: object, format: 'pkcs1' | 'pkcs8' | 'sec1'): string => {
    const pair = { modulusLength: 2048, namedCurve: 'prime256v1', ...options };
    const { privateKey } =
      type === 'rsa' ? generateKeyPairSync('rsa', pair) : generateKeyPairSync('ec', pair);
    return String(privateKey.export({ type: format as 'pkcs8', format: 'pem' }));
  };

  it.each<[KeyKind, string, () => string]>([
    ['rsa', 'PKCS #1', () => pem('rsa', { modulusLength: 2048 }, 'pkcs1')],
    ['rsa', 'PKCS #8', () => pem('rsa', { modulusLength: 3072 }, 'pkcs8')],
    ['ec', 'SEC1', () => pem('ec', { namedCurve: 'prime256v1' }, 'sec1')],
    ['ec', 'base64 of PKCS #8', () => P256],
    ['sm2', 'PKCS #8', () => pem('ec', { namedCurve: 'SM2' }, 'pkcs8')],
    ['sm2', '64 hex digits', () => '1'.repeat(64)],
  ])('takes %s as %s', (kind, _format, make) => {
    const key = readKey(kind, make());
    expect(key).toMatchObject({ publicKey: expect.stringMatching(/^[\w+/=]{80,}$/) });
    if (typeof key !== 'string') expect(() => openKey(kind, key.material)).not.toThrow();
  });

  it.each<[KeyKind, string, () => string]>([
    ['rsa', 'one with 1024 bits', () => pem('rsa', { modulusLength: 1024 }, 'pkcs8')],
    ['rsa', 'an EC key', () => P256],
    ['ec', 'an RSA key', () => pem('rsa', { modulusLength: 2048 }, 'pkcs8')],
    ['ec', 'an SM2 key', () => pem('ec', { namedCurve: 'SM2' }, 'pkcs8')],
    ['sm2', 'an EC key', () => P256],
    ['rsa', 'words', () => 'no key at all'],
    ['aes', 'ten bytes', () => Buffer.alloc(10).toString('base64')],
  ])('refuses for %s %s', (kind, _what, make) => {
    expect(readKey(kind, make())).toMatch(/^(This is no|An AES key)/);
  });

  it('keeps the number of a key through its making and its opening', async () => {
    for (const kind of ['ec', 'sm2'] as const) {
      const made = await makeKey(kind);
      const again = readKey(kind, made.material.toString('base64'));
      expect(again).toMatchObject({ publicKey: made.publicKey });
    }
  });
});
