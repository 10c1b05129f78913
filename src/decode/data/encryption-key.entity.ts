import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { KeyKind } from '../core/encryption/key-ring.js';

/**
 * `retired`: no SDK is told to use it any more, and what comes encrypted with it is still read.
 * `deleted`: its secret is gone; the row stays, for its number must not come back with another key.
 */
export type KeyState = 'active' | 'retired' | 'deleted';

@Entity('encryption_key')
@Unique('encryption_key_version_key', ['projectId', 'kind', 'version'])
export class EncryptionKeyEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'encryption_key_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  kind!: KeyKind;

  /** What SDKs send as `pkv` or `key_id`. */
  @Column('integer')
  version!: number;

  @Column('text')
  state!: KeyState;

  @Column('text', { name: 'public_key', nullable: true })
  publicKey!: string | null;

  /** Base64 of the private or shared key, sealed by `Secrets.encrypt`; empty once deleted. */
  @Column('text')
  secret!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'retired_at', precision: 3, nullable: true })
  retiredAt!: Date | null;
}
