import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { isId } from '../../kernel/ids.js';
import { Config } from '../../platform/config/config.js';
import type { SegmentExport } from './segment-export.repository.js';

/** A file as it is written, piece by piece. */
export class ExportFile {
  private readonly hash = createHash('sha256');
  sizeBytes = 0;

  constructor(
    private readonly partPath: string,
    private readonly finalPath: string,
  ) {}

  async append(bytes: Readable, signal: AbortSignal): Promise<void> {
    const measure = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.hash.update(chunk);
        this.sizeBytes += chunk.length;
        done(null, chunk);
      },
    });
    await pipeline(bytes, measure, createWriteStream(this.partPath, { flags: 'a', flush: true }), { signal });
  }

  /** From now on the file is there to be read. */
  async publish(): Promise<string> {
    await rename(this.partPath, this.finalPath);
    return this.hash.digest('hex');
  }

  async discard(): Promise<void> {
    await rm(this.partPath, { force: true });
  }
}

/** The files of exports, in a folder of the data folder. */
@Injectable()
export class ExportFiles {
  private readonly folder: string;

  constructor(config: Config) {
    this.folder = join(config.get('DATA_DIR'), 'exports');
  }

  /** A new file for one attempt; what an earlier one left is no part of it. */
  async create({ id, attempts, format }: SegmentExport): Promise<ExportFile> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const partPath = join(this.folder, `${id}.${attempts}.part`);
    await rm(partPath, { force: true });
    return new ExportFile(partPath, join(this.folder, `${id}.${format}`));
  }

  /** @returns null where the file is not here */
  async open({ id, format }: SegmentExport): Promise<Readable | null> {
    const path = join(this.folder, `${id}.${format}`);
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    return isThere ? createReadStream(path) : null;
  }

  /** Ids of the exports that have files. */
  async list(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    const ids = names.map((name) => name.split('.')[0] ?? '');
    return [...new Set(ids)].filter((id) => isId('export', id));
  }

  async remove(ids: readonly string[]): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    const doomed = names.filter((name) => ids.includes(name.split('.')[0] ?? ''));
    await Promise.all(doomed.map((name) => rm(join(this.folder, name), { force: true })));
  }
}
