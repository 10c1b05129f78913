import { Body, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { invalidField, notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { readKey } from '../core/encryption/make-key.js';
import { type EncryptionKey, EncryptionKeyRepository } from '../data/encryption-key.repository.js';
import { EncryptionKeysService } from '../encryption-keys.service.js';
import {
  CREATE_ENCRYPTION_KEY,
  type CreateEncryptionKey,
  ENCRYPTION_KEY,
  ENCRYPTION_KEY_LIST,
  SHARED_KEY,
  type ShownEncryptionKey,
} from './encryption-key.schema.js';

@ProjectController('encryption-keys', 'Encryption keys')
export class EncryptionKeyController {
  constructor(
    private readonly repository: EncryptionKeyRepository,
    private readonly keys: EncryptionKeysService,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Keys of the project for encrypted payloads, newest first' })
  @ApiOkResponse({ standardSchema: ENCRYPTION_KEY_LIST })
  async list(@Project() project: RequestProject) {
    return { items: (await this.repository.list(project.id)).map(toShown) };
  }

  @Post()
  @Access('admin')
  @ApiOperation({ summary: 'Make a key, or import one that SDKs use already' })
  @ApiCreatedResponse({ standardSchema: ENCRYPTION_KEY })
  async create(
    @Project() project: RequestProject,
    @Body({ schema: CREATE_ENCRYPTION_KEY }) body: CreateEncryptionKey,
  ) {
    const { kind } = body;
    if (!body.import) return toAdded(await this.keys.make(project.id, kind));
    const { version, privateKey } = body.import;
    const material = readKey(kind, privateKey);
    if (typeof material === 'string') throw invalidField('/import/privateKey', 'invalid_key', material);
    return toAdded(await this.keys.importKey({ projectId: project.id, kind, version }, material));
  }

  @Get(':encryptionKeyId')
  @Access('viewer')
  @ApiOperation({ summary: 'One key, without its secret' })
  @ApiOkResponse({ standardSchema: ENCRYPTION_KEY })
  async get(@Project() project: RequestProject, @Param('encryptionKeyId') id: string) {
    return toShown(await this.require(project, id));
  }

  @Get(':encryptionKeyId/shared-key')
  @Access('admin')
  @ApiOperation({
    summary: 'The settings of the AES plug-in of a page or mini-program, for a key of the kind `aes`',
  })
  @ApiOkResponse({ standardSchema: SHARED_KEY })
  async getSharedKey(@Project() project: RequestProject, @Param('encryptionKeyId') id: string) {
    const settings = await this.keys.findSharedSettings(project.id, id);
    if (!settings) throw notFound('shared key', id);
    return settings;
  }

  @Post(':encryptionKeyId/rotate')
  @Access('admin')
  @ApiOperation({ summary: 'Make the next version of a key and retire that key' })
  @ApiCreatedResponse({ standardSchema: ENCRYPTION_KEY })
  async rotate(@Project() project: RequestProject, @Param('encryptionKeyId') id: string) {
    return toAdded(await this.keys.rotate(project.id, await this.requireActive(project, id)));
  }

  @Post(':encryptionKeyId/retire')
  @HttpCode(200)
  @Access('admin')
  @ApiOperation({ summary: 'Tell no SDK to use a key any more; what it encrypted is still read' })
  @ApiOkResponse({ standardSchema: ENCRYPTION_KEY })
  async retire(@Project() project: RequestProject, @Param('encryptionKeyId') id: string) {
    await this.requireActive(project, id);
    await this.keys.retire(project.id, id);
    return toShown(await this.require(project, id));
  }

  @Delete(':encryptionKeyId')
  @HttpCode(204)
  @Access('admin')
  @ApiOperation({ summary: 'Destroy a key: what still comes encrypted with it becomes dead letters' })
  @ApiNoContentResponse()
  async remove(@Project() project: RequestProject, @Param('encryptionKeyId') id: string) {
    if (!(await this.keys.remove(project.id, id))) throw notFound('encryption key', id);
  }

  private async require(project: RequestProject, id: string): Promise<EncryptionKey> {
    const key = await this.repository.find(project.id, id);
    if (!key) throw notFound('encryption key', id);
    return key;
  }

  private async requireActive(project: RequestProject, id: string): Promise<EncryptionKey> {
    const key = await this.require(project, id);
    if (key.state !== 'active') throw new Problem(PROBLEMS.conflict, 'The key is retired already.');
    return key;
  }
}

function toAdded(key: EncryptionKey | null): ShownEncryptionKey {
  if (!key) throw new Problem(PROBLEMS.conflict, 'The project has a key of this kind and version already.');
  return toShown(key);
}

function toShown({ id, kind, version, state, publicKey, ...moments }: EncryptionKey): ShownEncryptionKey {
  return {
    id,
    kind,
    version,
    state: state === 'active' ? 'active' : 'retired',
    publicKey,
    createdAt: moments.createdAt.toISOString(),
    retiredAt: moments.retiredAt?.toISOString() ?? null,
  };
}
