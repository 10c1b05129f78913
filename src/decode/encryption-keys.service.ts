import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { Secrets } from '../platform/secrets/secrets.js';
import { type PublicKey, PublicKeys } from './contract.js';
import type { KeyKind } from './core/encryption/key-ring.js';
import { type KeyMaterial, makeKey } from './core/encryption/make-key.js';
import { type EncryptionKey, EncryptionKeyRepository } from './data/encryption-key.repository.js';
import { KEY_PURPOSE, KeyRings } from './key-rings.js';

/** The settings of an AES plug-in, under the names that it gives them. */
export interface SharedKeySettings {
  k: string;
  kid: number;
  khash: string;
}

/** The encryption keys of projects, without which their payloads are dead letters. */
@Injectable()
export class EncryptionKeysService extends PublicKeys {
  constructor(
    private readonly repository: EncryptionKeyRepository,
    private readonly rings: KeyRings,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {
    super();
  }

  async listPublished(projectId: ProjectId): Promise<PublicKey[]> {
    const keys = await this.repository.listPublished(projectId);
    return keys.flatMap(({ kind, version, publicKey }) =>
      kind === 'aes' || publicKey === null ? [] : [{ kind, version, publicKey }],
    );
  }

  async make(projectId: ProjectId, kind: KeyKind): Promise<EncryptionKey | null> {
    return this.add({ projectId, kind, version: null, replacedId: null }, await makeKey(kind));
  }

  /** @returns null where the project has a key of this kind and version */
  importKey(
    key: { projectId: ProjectId; kind: KeyKind; version: number },
    material: KeyMaterial,
  ): Promise<EncryptionKey | null> {
    return this.add({ ...key, replacedId: null }, material);
  }

  /** Makes the next version of an active key and retires that key. */
  async rotate(projectId: ProjectId, { id, kind }: EncryptionKey): Promise<EncryptionKey | null> {
    return this.add({ projectId, kind, version: null, replacedId: id }, await makeKey(kind));
  }

  async retire(projectId: ProjectId, id: string): Promise<boolean> {
    return this.repository.retire(projectId, id, new Date(this.clock.now()));
  }

  async remove(projectId: ProjectId, id: string): Promise<boolean> {
    const isRemoved = await this.repository.remove(projectId, id);
    this.rings.forget();
    return isRemoved;
  }

  /** What a page or mini-program has to be told to encrypt with an `aes` key; null where there is no such key. */
  async findSharedSettings(projectId: ProjectId, id: string): Promise<SharedKeySettings | null> {
    const key = await this.repository.find(projectId, id);
    const sealed = key?.kind === 'aes' ? await this.repository.findSecret(projectId, id) : null;
    if (!key || sealed === null) return null;
    const k = this.secrets.decrypt(KEY_PURPOSE, sealed);
    return { k, kid: key.version, khash: hash('sha256', Buffer.from(k, 'base64'), 'hex').slice(0, 32) };
  }

  private async add(
    place: { projectId: ProjectId; kind: KeyKind; version: number | null; replacedId: string | null },
    { material, publicKey }: KeyMaterial,
  ): Promise<EncryptionKey | null> {
    const { replacedId, ...key } = place;
    const now = this.clock.now();
    const secret = this.secrets.encrypt(KEY_PURPOSE, material.toString('base64'));
    const created = { ...key, id: newId('encryptionKey', now), publicKey, secret, createdAt: new Date(now) };
    const added = await this.repository.insert(created, replacedId);
    this.rings.forget();
    return added;
  }
}
