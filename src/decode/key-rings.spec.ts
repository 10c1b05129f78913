import { wrapRsa } from '../../test/support/encrypted-payloads.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { News } from '../platform/threads/news.js';
import { type KeyMaterial, makeKey } from './core/encryption/make-key.js';
import { EncryptionKeyRepository, type SealedKey } from './data/encryption-key.repository.js';
import { KEY_PURPOSE, KeyRings } from './key-rings.js';

const secrets = new Secrets('a secret of the installation');
const CONTENT_KEY = Buffer.alloc(16, 5);

/** A table of keys in memory. */
class KeyTable extends EncryptionKeyRepository {
  readonly rows: SealedKey[] = [];
  readonly asked: (readonly number[])[] = [];
  constructor() {
    super(null as never);
  }
  add(place: Pick<SealedKey, 'projectId' | 'kind' | 'version'>, { material }: KeyMaterial): void {
    const secret = secrets.encrypt(KEY_PURPOSE, material.toString('base64'));
    this.rows.push({ ...place, id: `enk_${this.rows.length}`, secret });
  }
  override async listSealed(projectIds: readonly number[]): Promise<SealedKey[]> {
    this.asked.push(projectIds);
    return this.rows.filter(({ projectId }) => projectIds.includes(projectId));
  }
}

describe('KeyRings', () => {
  let table: KeyTable;
  let rings: KeyRings;
  beforeEach(() => {
    table = new KeyTable();
    rings = new KeyRings(table, secrets, new News());
  });
  const ringOf = async (projectId: number) => (await rings.load(new Set([projectId]))).get(projectId);

  it('gives each project its own keys, by their version', async () => {
    const rsa = await makeKey('rsa');
    table.add({ projectId: 1, kind: 'rsa', version: 4 }, rsa);
    table.add({ projectId: 2, kind: 'aes', version: 4 }, { material: CONTENT_KEY, publicKey: null });
    const ekey = Buffer.from(wrapRsa(rsa.publicKey ?? '', CONTENT_KEY), 'base64');
    expect((await ringOf(1))?.unwrap(4, ekey)?.key).toEqual(CONTENT_KEY);
    expect((await ringOf(1))?.unwrap(5, ekey)).toBeNull();
    expect((await ringOf(1))?.findShared(4)).toBeNull();
    expect((await ringOf(2))?.unwrap(4, ekey)).toBeNull();
    expect((await ringOf(2))?.findShared(4)).toEqual({ algorithm: 'aes-128-cbc', key: CONTENT_KEY });
    expect((await ringOf(3))?.unwrap(4, ekey)).toBeNull();
  });

  it('tells keys of one version apart by what was wrapped', async () => {
    const rsa = await makeKey('rsa');
    table.add({ projectId: 1, kind: 'ec', version: 1 }, await makeKey('ec'));
    table.add({ projectId: 1, kind: 'rsa', version: 1 }, rsa);
    table.add({ projectId: 1, kind: 'sm2', version: 1 }, await makeKey('sm2'));
    const ekey = Buffer.from(wrapRsa(rsa.publicKey ?? '', CONTENT_KEY), 'base64');
    expect((await ringOf(1))?.unwrap(1, ekey)?.key).toEqual(CONTENT_KEY);
  });

  it('asks the database once for what a batch needs, and again after a change', async () => {
    await rings.load(new Set([1, 2]));
    await rings.load(new Set([1, 2]));
    await rings.load(new Set([2, 3]));
    expect(table.asked).toEqual([[1, 2], [3]]);
    table.add({ projectId: 1, kind: 'aes', version: 1 }, { material: CONTENT_KEY, publicKey: null });
    rings.forget();
    expect((await ringOf(1))?.findShared(1)).not.toBeNull();
  });

  it('remembers what it could not unwrap like anything else, so that time tells nothing', async () => {
    table.add({ projectId: 1, kind: 'rsa', version: 1 }, await makeKey('rsa'));
    const ekey = Buffer.alloc(256, 1);
    const first = (await ringOf(1))?.unwrap(1, ekey);
    expect(first?.key).toHaveLength(16);
    rings.forget();
    expect((await ringOf(1))?.unwrap(1, ekey)).toBe(first);
  });
});
