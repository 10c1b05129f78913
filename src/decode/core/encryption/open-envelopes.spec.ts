import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  miniProgramPlugin,
  phoneEnvelope,
  seal,
  transportEnvelope,
  webPlugin,
  wrapEcies,
  wrapRsa,
} from '../../../../test/support/encrypted-payloads.js';
import { wrapSm2 } from '../../../../test/support/sm2.js';
import type { Json, JsonObject } from '../../../kernel/json.js';
import type { KeyRing, PairKind } from './key-ring.js';
import { type KeyMaterial, makeKey } from './make-key.js';
import { isEnvelope, openEnvelopes } from './open-envelopes.js';
import { openKey, randomContentKey } from './open-key.js';

const LIMIT = 1024 * 1024;
const RECORDS = [
  { type: 'track', event: 'ViewItem', properties: { title: '商品' } },
  { type: 'track', event: 'Buy', properties: { price: 9.5 } },
];

describe('openEnvelopes', () => {
  let keys: Record<PairKind, KeyMaterial>;
  let shared: Buffer;
  let ring: KeyRing;

  beforeAll(async () => {
    const [rsa, ec, sm2] = await Promise.all([makeKey('rsa'), makeKey('ec'), makeKey('sm2')]);
    keys = { rsa, ec, sm2 };
    shared = randomBytes(16);
    const pairs = new Map(
      (['rsa', 'ec', 'sm2'] as const).map((kind, i) => [i + 1, openKey(kind, keys[kind].material)]),
    );
    ring = {
      unwrap: (version, ekey) => {
        const key = pairs.get(version);
        return key?.kind === 'pair' ? (key.unwrap(ekey) ?? randomContentKey()) : null;
      },
      findShared: (version) => (version === 9 ? { algorithm: 'aes-128-cbc', key: shared } : null),
    };
  });

  const rsa = () => ({ pkv: 1, publicKey: keys.rsa.publicKey ?? '' });
  const ec = () => ({ pkv: 2, publicKey: keys.ec.publicKey ?? '' });
  const sm = () => ({ pkv: 3, publicKey: keys.sm2.publicKey ?? '' });
  const sm2 = () => ({ pkv: 3, pub_key: keys.sm2.publicKey ?? '' });
  const aes = () => ({ k: shared.toString('base64'), kid: 9, khash: 'hash' });
  const open = (items: unknown[], limit = LIMIT) =>
    openEnvelopes(items as Json[], ring, { inflatedBytes: limit, recordsPerRequest: 1_000 });
  const fieldOf = (body: string, name: string) => JSON.parse(new URLSearchParams(body).get(name) ?? 'null');
  const general = () => {
    const key = randomBytes(16);
    const utils = {
      encryptEvent: (record: object | string) =>
        seal(key, Buffer.from(typeof record === 'string' ? record : JSON.stringify(record))),
      encryptSymmetricKeyWithPublicKey: (publicKey: string) => wrapRsa(publicKey, key),
    };
    return { encrypt_utils: utils, pkv: 1, pub_key: rsa().publicKey };
  };

  it.each([
    ['a phone with RSA', () => [phoneEnvelope(rsa(), wrapRsa, RECORDS)]],
    ['a phone with EC', () => [phoneEnvelope(ec(), wrapEcies, RECORDS)]],
    ['a phone with SM2 and SM4', () => [phoneEnvelope(sm(), wrapSm2, RECORDS)]],
    ['a phone with SM2, SM4 and transport encryption', () => [transportEnvelope(sm(), wrapSm2, RECORDS)]],
    ['a phone with transport encryption', () => [transportEnvelope(rsa(), wrapRsa, RECORDS)]],
    ['a phone that changed its key', () => RECORDS.map((record) => phoneEnvelope(rsa(), wrapRsa, [record]))],
    [
      'a phone with records from before',
      () => [RECORDS[0], phoneEnvelope(ec(), wrapEcies, [RECORDS[1] ?? {}])],
    ],
    [
      'the AES plug-in of mini-programs, a batch',
      () => [fieldOf(miniProgramPlugin('encryption', aes(), RECORDS), 'data')],
    ],
    [
      'the AES plug-in of mini-programs, one by one',
      () => RECORDS.map((record) => fieldOf(miniProgramPlugin('encryption', aes(), [record]), 'data')),
    ],
    [
      'the AES plug-in of the Web',
      () => RECORDS.map((record) => fieldOf(webPlugin('aes-encryption', aes())(record), 'data')),
    ],
    [
      'the SM plug-in of the Web',
      () => RECORDS.map((record) => fieldOf(webPlugin('sm-encryption', sm2())(record), 'data')),
    ],
    [
      'the general plug-in of the Web',
      () => RECORDS.map((record) => fieldOf(webPlugin('general-encryption', general())(record), 'data')),
    ],
  ])('reads what comes from %s', (_name, make) => {
    const { records, failures } = open(make());
    expect(failures).toEqual([]);
    expect(records).toMatchObject(RECORDS);
  });

  it('gives records the moment at which their envelope was sent, unless they have their own', () => {
    const sent = [{ type: 'track' }, { type: 'track', _flush_time: 5 }];
    const { records } = open([{ ...phoneEnvelope(rsa(), wrapRsa, sent), flush_time: 7 }]);
    expect(records).toEqual([
      { type: 'track', _flush_time: 7 },
      { type: 'track', _flush_time: 5 },
    ]);
  });

  it('reads base64 whose + became a space', () => {
    const { ekey, payloads, ...rest } = phoneEnvelope(rsa(), wrapRsa, RECORDS);
    const spoilt = {
      ...rest,
      ekey: ekey.replaceAll('+', ' '),
      payloads: payloads.map((p) => p.replaceAll('+', ' ')),
    };
    expect(open([spoilt])).toMatchObject({ records: RECORDS, failures: [] });
  });

  it('keeps what it has no key for so that it can be replayed, in parts that a dead letter holds whole', () => {
    const noise = Array.from({ length: 40 }, (_, n) => ({ n, text: randomBytes(4_000).toString('base64') }));
    const envelope = { ...phoneEnvelope(rsa(), wrapRsa, noise), pkv: 77 };
    const { records, failures } = open([envelope]);
    expect(records).toEqual([]);
    expect(failures.length).toBeGreaterThan(2);
    const kept = failures.map(({ payload }) => JSON.parse(String(payload)) as JsonObject);
    for (const { reason, detail, payload } of failures) {
      expect(reason).toBe('encrypted_without_key');
      expect(detail).toBe('There is no key with the pkv 77.');
      expect(payload?.length).toBeLessThan(65_536);
    }
    expect(open(kept.map((item) => ({ ...item, pkv: 1 })))).toMatchObject({ records: noise, failures: [] });
  });

  it('says the same of whatever is wrong with an envelope', () => {
    const good = phoneEnvelope(rsa(), wrapRsa, RECORDS);
    const key = randomBytes(16);
    const sealed = (plain: Buffer) => ({
      ekey: wrapRsa(rsa().publicKey, key),
      pkv: 1,
      payloads: [seal(key, plain)],
    });
    const wrong: unknown[] = [
      { ...good, ekey: randomBytes(256).toString('base64') },
      { ...good, ekey: 'AAAA' },
      { ...good, ekey: 7 },
      { ...good, pkv: 'x' },
      { ...good, pkv: undefined },
      { ...good, payloads: undefined },
      { ...good, payloads: [1] },
      { ...good, payloads: ['***'] },
      { ...good, payloads: [randomBytes(48).toString('base64')] },
      { ...good, payloads: [randomBytes(47).toString('base64')] },
      sealed(Buffer.from('no JSON')),
      sealed(Buffer.from([0x7b, 0xff])),
      sealed(gzipSync('{}').subarray(0, 12)),
      sealed(gzipSync(Buffer.alloc(64 * LIMIT, 0x20))),
      { key_id: 9, payload: randomBytes(32).toString('base64') },
      { key_id: 9 },
    ];
    for (const envelope of wrong) {
      const { records, failures } = open([envelope]);
      expect(records).toEqual([]);
      expect(failures).toMatchObject([
        { reason: 'decryption_failed', detail: 'The payload cannot be decrypted.' },
      ]);
    }
  });

  it('stores the good payloads of an envelope and keeps the others', () => {
    const good = phoneEnvelope(rsa(), wrapRsa, RECORDS);
    const bad = randomBytes(64).toString('base64');
    const { records, failures } = open([{ ...good, payloads: [bad, ...good.payloads] }]);
    expect(records).toMatchObject(RECORDS);
    expect(failures).toHaveLength(1);
    expect(JSON.parse(String(failures[0]?.payload))).toEqual({ ...good, payloads: [bad] });
  });

  it('holds the limit of decompression over all payloads together', () => {
    const big = { text: randomBytes(LIMIT / 4 - 50).toString('hex') };
    const envelope = phoneEnvelope(rsa(), wrapRsa, [big, big, big, big]);
    const { records, failures } = open([envelope]);
    expect(records).toHaveLength(2);
    expect(new Set(failures.map(({ reason }) => reason))).toEqual(new Set(['decryption_failed']));
  });

  it('decrypts no more payloads than a request may have records', () => {
    const { payloads, ...envelope } = phoneEnvelope(rsa(), wrapRsa, [{ type: 'track' }]);
    const { records, failures } = open([{ ...envelope, payloads: new Array(1_002).fill(payloads[0]) }]);
    expect(records).toHaveLength(1_000);
    expect(failures).toMatchObject([{ reason: 'too_many_records' }]);
    expect(open([JSON.parse(String(failures[0]?.payload))]).records).toHaveLength(2);
  });

  it('opens at most a hundred envelopes of one request', () => {
    const envelope = { key_id: 9, payload: seal(shared, Buffer.from('{}')) };
    const { records, failures } = open(new Array(103).fill(envelope));
    expect(records).toHaveLength(100);
    expect(failures).toMatchObject([{ reason: 'too_many_records', payload: null }]);
  });
});

describe('isEnvelope', () => {
  it.each([
    ['the envelope of a phone', { ekey: 'a', pkv: 1, payloads: [] }, true],
    ['the envelope of the Web plug-in', { key_id: 1, payload: 'b' }, true],
    ['a record', RECORDS[0] as Json, false],
    ['a list', [], false],
    ['a number', 1, false],
  ])('tells %s by its shape', (_name, value, expected) => {
    expect(isEnvelope(value)).toBe(expected);
  });
});
