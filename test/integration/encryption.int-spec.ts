import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { connectDatabase } from '../../src/app/migrations.js';
import {
  type DeviceKey,
  miniProgramPlugin,
  phoneBody,
  phoneEnvelope,
  transportEnvelope,
  webPlugin,
  wrapEcies,
  wrapRsa,
} from '../support/encrypted-payloads.js';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';
import { wrapSm2 } from '../support/sm2.js';
import { databaseUrlOf } from '../support/stores.js';

interface Letter {
  reason: string;
  letters: number;
}

describe('encrypted payloads', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  /** Whatever the service answered, to look through for secrets. */
  const answers: string[] = [];

  beforeAll(async () => {
    rekindle = await startRekindle({ LOG_LEVEL: 'debug' });
    project = await rekindle.newProject();
  });
  afterAll(() => rekindle.stop());

  const api = async (method: string, path: string, body?: unknown, of = project) => {
    const answer = await of.api(method, path, body);
    answers.push(JSON.stringify(answer.json));
    return answer;
  };
  const send = (body: string, path = '/sa', of = project) =>
    fetch(`${rekindle.url}${path}?project=${of.slug}`, { method: 'POST', body });
  const eventsOf = (distinctId: string, count = 1, of = project) =>
    waitFor(async () => {
      const users = await of.api('GET', `users?identity=$identity_anonymous_id:${distinctId}`);
      const { json } = await of.api('GET', `users/${users.json.items[0].id}/timeline`);
      return json.items.length >= count ? (json.items as { event: string }[]) : null;
    });
  const lettersOf = (reason: string, of = project) =>
    waitFor(async () => {
      const { json } = await of.api('GET', `dead-letters?reason=${reason}`);
      return json.items.length > 0 ? json.items : null;
    });
  const configOf = (query = '', file = 'Android.conf') =>
    fetch(`${rekindle.url}/any/config/${file}?project=${project.slug}${query}`);
  const makeKey = async (kind: string): Promise<{ id: string } & DeviceKey> => {
    const { json } = await api('POST', 'encryption-keys', { kind });
    return { id: json.id, pkv: json.version, publicKey: json.publicKey };
  };

  it.each([
    ['rsa', 'local', (key: DeviceKey, r: object) => phoneBody([phoneEnvelope(key, wrapRsa, [r])])],
    [
      'rsa',
      'transport',
      (key: DeviceKey, r: object) => phoneBody([transportEnvelope(key, wrapRsa, [r])], 13),
    ],
    ['ec', 'local', (key: DeviceKey, r: object) => phoneBody([phoneEnvelope(key, wrapEcies, [r])])],
    ['sm2', 'local', (key: DeviceKey, r: object) => phoneBody([phoneEnvelope(key, wrapSm2, [r])])],
    [
      'sm2',
      'Web',
      (key: DeviceKey, r: object) => webPlugin('sm-encryption', { pkv: key.pkv, pub_key: key.publicKey })(r),
    ],
  ])('are stored as events where a key of the kind %s was made here (%s)', async (kind, name, toBody) => {
    const id = `${kind}-${name}`;
    const key = await makeKey(kind);
    expect((await send(toBody(key, track(id, 'Opened')))).status).toBe(200);
    expect(await eventsOf(id)).toMatchObject([{ event: 'Opened' }]);
  });

  it('are read with the key that pages and mini-programs share with the server', async () => {
    const { id } = (await api('POST', 'encryption-keys', { kind: 'aes' })).json;
    // This one answer holds the shared key, for whoever builds the page.
    const settings = (await project.api('GET', `encryption-keys/${id}/shared-key`)).json;
    await send(webPlugin('aes-encryption', settings)(track('aes-web', 'Opened')));
    const records = [track('aes-mini', 'Opened'), track('aes-mini', 'Closed')];
    await send(miniProgramPlugin('encryption', settings, records));
    expect(await eventsOf('aes-web')).toHaveLength(1);
    expect(await eventsOf('aes-mini', 2)).toHaveLength(2);
    const pair = await makeKey('rsa');
    expect((await api('GET', `encryption-keys/${pair.id}/shared-key`)).status).toBe(404);
  });

  it('wait as dead letters for their key, and are stored when they are replayed after its import', async () => {
    const mine = await rekindle.newProject();
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = { pkv: 12, publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64') };
    await send(phoneBody([phoneEnvelope(key, wrapRsa, [track('late', 'Opened')])]), '/sa', mine);
    const [letter] = await lettersOf('encrypted_without_key', mine);
    expect(letter.detail).toBe('There is no key with the pkv 12.');
    const text = privateKey.export({ format: 'pem', type: 'pkcs8' });
    const imported = { kind: 'rsa', import: { version: 12, privateKey: text } };
    expect(await api('POST', 'encryption-keys', imported, mine)).toMatchObject({
      status: 201,
      json: { version: 12, publicKey: key.publicKey, state: 'active' },
    });
    expect((await api('POST', 'encryption-keys', imported, mine)).status).toBe(409);
    expect((await mine.api('POST', `dead-letters/${letter.id}/replay`, {})).status).toBe(202);
    expect(await eventsOf('late', 1, mine)).toMatchObject([{ event: 'Opened' }]);
    expect((await mine.api('GET', 'dead-letters')).json.items).toEqual([]);
    const { items } = (await api('GET', 'audit', undefined, mine)).json;
    expect(JSON.stringify(items)).toContain('"privateKey":"[redacted]"');
    const secret = String(text).split('\n')[2] ?? '';
    expect(answers.join()).not.toContain(secret);
    expect(rekindle.output).not.toContain(secret);
  });

  it('are replayed all at once when their key is there, and each letter that stays says why', async () => {
    const mine = await rekindle.newProject();
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = { pkv: 3, publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64') };
    const other = { ...key, pkv: 4 };
    await send(
      phoneBody([phoneEnvelope(key, wrapRsa, [track('bulk', 'A'), track('bulk', 'no name')])]),
      '/sa',
      mine,
    );
    await send(phoneBody([phoneEnvelope(other, wrapRsa, [track('bulk', 'B')])]), '/sa', mine);
    await send(phoneBody([phoneEnvelope(key, wrapRsa, [track('bulk', 'C')])]), '/sa', mine);
    await send('data=%7B%7D', '/sa', mine);
    await waitFor(async () => (await mine.api('GET', 'dead-letters')).json.items.length === 4);
    const reasons = (await mine.api('GET', 'dead-letters/reasons')).json.items;
    expect(reasons.map(({ reason, letters }: Letter) => [reason, letters])).toEqual([
      ['encrypted_without_key', 3],
      ['not_a_record', 1],
    ]);
    const text = privateKey.export({ format: 'pem', type: 'pkcs8' });
    await mine.api('POST', 'encryption-keys', { kind: 'rsa', import: { version: 3, privateKey: text } });
    const ask = (body: object) => mine.api('POST', 'dead-letters/replay', body);
    const filter = { reason: 'encrypted_without_key' };
    const first = await ask({ filter, limit: 2 });
    expect([first.status, first.json.items.length]).toEqual([202, 2]);
    const second = (await ask({ filter, limit: 2, cursor: first.json.nextCursor })).json;
    expect([second.items.length, second.nextCursor]).toEqual([1, null]);
    expect(first.json.replayed + second.replayed).toBe(2);
    const outcomes = [...first.json.items, ...second.items].map(({ id: _id, ...outcome }) => outcome);
    expect(outcomes).toHaveLength(3);
    expect(outcomes).toEqual(
      expect.arrayContaining([
        { replayed: true, accepted: 1, rejected: 1 },
        { replayed: true, accepted: 1, rejected: 0 },
        { replayed: false, code: 'encrypted_without_key', detail: 'There is no key with the pkv 4.' },
      ]),
    );
    expect(await eventsOf('bulk', 2, mine)).toHaveLength(2);
    const [kept] = (await mine.api('GET', 'dead-letters?reason=encrypted_without_key')).json.items;
    const again = await mine.api('POST', `dead-letters/${kept.id}/replay`, {});
    expect(again).toMatchObject({ status: 409, json: { detail: expect.stringContaining('pkv 4') } });
    expect(await lettersOf('invalid_name', mine)).toHaveLength(1);
    expect((await ask({ filter: { reason: 'nonsense' } })).status).toBe(422);
  });

  it('are one kind of dead letter where they cannot be decrypted, and /debug tells no more', async () => {
    const key = await makeKey('rsa');
    const foreign = await makeKey('rsa');
    const envelope = { ...phoneEnvelope(foreign, wrapRsa, [track('wrong', 'Opened')]), pkv: key.pkv };
    const answer = await send(phoneBody([envelope]), '/debug');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ reason: 'decryption_failed' }], records: [] });
    expect(await lettersOf('decryption_failed')).toHaveLength(1);
  });

  it('go on with the old key while the new one spreads, until the old one is deleted', async () => {
    const mine = await rekindle.newProject();
    const old = (await api('POST', 'encryption-keys', { kind: 'rsa' }, mine)).json;
    const device = { pkv: old.version, publicKey: old.publicKey };
    const next = (await api('POST', `encryption-keys/${old.id}/rotate`, {}, mine)).json;
    expect(next).toMatchObject({ kind: 'rsa', version: old.version + 1, state: 'active' });
    expect((await api('GET', `encryption-keys/${old.id}`, undefined, mine)).json.state).toBe('retired');
    expect((await api('POST', `encryption-keys/${old.id}/rotate`, {}, mine)).status).toBe(409);
    await send(phoneBody([phoneEnvelope(device, wrapRsa, [track('old-key', 'Opened')])]), '/sa', mine);
    expect(await eventsOf('old-key', 1, mine)).toHaveLength(1);
    expect((await api('DELETE', `encryption-keys/${old.id}`, undefined, mine)).status).toBe(204);
    expect((await api('GET', `encryption-keys/${old.id}`, undefined, mine)).status).toBe(404);
    await send(phoneBody([phoneEnvelope(device, wrapRsa, [track('no-key', 'Opened')])]), '/sa', mine);
    expect(await lettersOf('encrypted_without_key', mine)).toHaveLength(1);
    // A number is never given to another key, for devices still have the old one under it.
    await api('DELETE', `encryption-keys/${next.id}`, undefined, mine);
    expect((await api('POST', 'encryption-keys', { kind: 'ec' }, mine)).json.version).toBe(next.version + 1);
    expect((await api('GET', 'encryption-keys', undefined, mine)).json.items).toHaveLength(1);
  });

  it('refuse a key that is none, and say which field', async () => {
    const { status, json } = await api('POST', 'encryption-keys', {
      kind: 'rsa',
      import: { version: 1, privateKey: 'none' },
    });
    expect(status).toBe(422);
    expect(json.errors).toMatchObject([{ pointer: '/import/privateKey', code: 'invalid_key' }]);
    expect((await api('POST', 'encryption-keys', { kind: 'dsa', colour: 1 })).json.errors).toHaveLength(2);
  });

  it('are asked of SDKs by the remote configuration, which names the active keys', async () => {
    expect((await configOf()).status).toBe(404);
    expect((await api('GET', 'remote-config')).status).toBe(404);
    const wrong = { configs: { autoTrackMode: 16, effect_mode: 2, event_blacklist: [''], colour: 1 } };
    expect((await api('PUT', 'remote-config', wrong)).json.errors).toHaveLength(4);
    const saved = await api('PUT', 'remote-config', {
      configs: { autoTrackMode: 3, event_blacklist: ['Noise'], nv: 'spring' },
      encryption: true,
    });
    expect(saved).toMatchObject({ status: 200, json: { configs: { disableSDK: false, autoTrackMode: 3 } } });
    const { v, configs } = (await (
      await waitFor(async () => {
        const answer = await configOf();
        return answer.status === 200 ? answer : null;
      })
    ).json()) as { v: string; configs: Record<string, { public_key: string; pkv: number; type?: string }> };
    expect(configs).toMatchObject({ event_blacklist: ['Noise'], nv: 'spring', key_v2: { type: 'SM2+SM4' } });
    expect((await configOf(`&v=${v}&nv=spring`, 'iOS.conf')).status).toBe(304);
    const rotated = (await api('GET', 'encryption-keys')).json.items.find(
      ({ kind, version }: { kind: string; version: number }) =>
        kind === 'rsa' && version === configs['key']?.pkv,
    );
    const next = (await api('POST', `encryption-keys/${rotated.id}/rotate`, {})).json;
    await waitFor(async () => (await configOf(`&v=${v}`)).status === 200);
    const keys = (await (await configOf('', 'encryption-keys.json')).json()) as { keys: object[] };
    expect(keys.keys).toContainEqual({ public_key: next.publicKey, pkv: next.version, type: 'RSA+AES' });
    expect((await configOf('', 'visualized/Android.conf')).status).toBe(404);
    expect((await api('DELETE', 'remote-config')).status).toBe(204);
    expect((await api('DELETE', 'remote-config')).status).toBe(404);
    expect((await configOf()).status).toBe(404);
  });

  it('leave no private key in any answer, in the log or readable in the database', async () => {
    expect(answers.join()).not.toMatch(/PRIVATE KEY|"secret"|MIIE[a-zA-Z0-9+/]{3}IBADANBg/);
    expect(rekindle.output).not.toMatch(/PRIVATE KEY|IBADANBg/);
    const db = await connectDatabase(await databaseUrlOf(rekindle), 1);
    const rows = await db.query<{ secret: string }>(
      `SELECT secret FROM encryption_key WHERE state <> 'deleted'`,
    );
    await db.close();
    expect(rows.length).toBeGreaterThan(5);
    for (const { secret } of rows) expect(secret).toMatch(/^v1\./);
  });
});
