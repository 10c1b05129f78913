import type { SdkKey } from '../contract.js';
import { answerSdk, type RemoteConfig, toKeyList, toSdkDocument } from './remote-config.js';

const CONFIG: RemoteConfig = {
  configs: {
    disableSDK: false,
    disableDebugMode: false,
    autoTrackMode: -1,
    event_blacklist: [],
    effect_mode: 0,
    supportTransportEncrypt: false,
  },
  encryption: true,
};
const RSA: SdkKey = { kind: 'rsa', version: 3, publicKey: 'MII=' };
const EC: SdkKey = { kind: 'ec', version: 4, publicKey: 'MFk=' };
const SM2: SdkKey = { kind: 'sm2', version: 5, publicKey: '04ab' };
const SM2_KEY = { public_key: '04ab', pkv: 5, type: 'SM2+SM4' };
const EC_TEXT = '{"public_key":"MFk=","pkv":4,"type":"EC"}';

describe('toSdkDocument', () => {
  it.each([
    ['none where the project has none', [], {}],
    ['SM2, which only apps with that plug-in take', [SM2], { key_v2: SM2_KEY }],
    [
      'RSA',
      [RSA],
      { key: { public_key: 'MII=', pkv: 3 }, key_v2: { public_key: 'MII=', pkv: 3, type: 'RSA+AES' } },
    ],
    ['EC', [EC], { key: { key_ec: EC_TEXT }, key_v2: { public_key: 'MFk=', pkv: 4, type: 'EC+AES' } }],
    [
      'EC, and RSA for apps without the EC plug-in',
      [EC, RSA],
      {
        key: { public_key: 'MII=', pkv: 3, key_ec: EC_TEXT },
        key_v2: { public_key: 'MFk=', pkv: 4, type: 'EC+AES' },
      },
    ],
    [
      'SM2, and both others for apps without the SM plug-in',
      [EC, RSA, SM2],
      { key: { public_key: 'MII=', pkv: 3, key_ec: EC_TEXT }, key_v2: SM2_KEY },
    ],
  ])('publishes %s', (_name, keys, expected) => {
    const { configs } = toSdkDocument(CONFIG, keys);
    expect(configs).toEqual({ ...CONFIG.configs, ...expected });
  });

  it('publishes no key where encryption is off', () => {
    const { configs } = toSdkDocument({ ...CONFIG, encryption: false }, [RSA]);
    expect(configs).toEqual(CONFIG.configs);
  });

  it('has another version wherever anything differs', () => {
    const silent = { ...CONFIG, configs: { ...CONFIG.configs, disableSDK: true } };
    const versions = [
      toSdkDocument(CONFIG, []),
      toSdkDocument(silent, []),
      toSdkDocument(CONFIG, [RSA]),
      toSdkDocument(CONFIG, [{ ...RSA, version: 4 }]),
    ].map(({ v }) => v);
    expect(new Set(versions).size).toBe(4);
    expect(toSdkDocument(CONFIG, []).v).toBe(versions[0]);
  });
});

describe('answerSdk', () => {
  const document = toSdkDocument(CONFIG, []);
  it.each([
    ['404 where nothing is set', null, 'x', 404],
    ['200 to who has no version', document, null, 200],
    ['200 to who has an older one', document, 'old', 200],
    ['304 to who has this one', document, document.v, 304],
  ])('is %s', (_name, known, version, status) => {
    expect(answerSdk(known, version).status).toBe(status);
  });
});

describe('toKeyList', () => {
  it('names the plug-in of each key', () => {
    expect(toKeyList([RSA, SM2])).toEqual([
      { public_key: 'MII=', pkv: 3, type: 'RSA+AES' },
      { public_key: '04ab', pkv: 5, type: 'SM2+SM4' },
    ]);
  });
});
