import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ProjectId } from '../kernel/ids.js';
import { log } from '../platform/log/log.js';
import { TemplateFault } from './core/template-fault.js';
import { TemplateRepository, type TemplateRow, type TemplateVersionRow } from './data/template.repository.js';
import { readTemplateFiles, type TemplateFile } from './data/template-files.js';
import { type CompiledTemplate, compileTemplate, findFaults } from './render/compiled-template.js';

const COMPILED_TEMPLATES = 500;
/** All templates that come as files are for e-mail. */
const FILE_CHANNEL = 'email';

/** What an id or a slug can look like. */
const NAME = /^[a-z0-9_-]{1,100}$/;

/** Knows the templates of a project, those out of files included, and compiles their versions. */
@Injectable()
export class TemplateService implements OnModuleInit {
  private readonly compiled = new LRUCache<string, CompiledTemplate>({ max: COMPILED_TEMPLATES });
  private readonly copied = new Map<ProjectId, Promise<void>>();
  private files: TemplateFile[] = [];

  constructor(private readonly repository: TemplateRepository) {}

  /** @throws Error that names the file, where one of templates/ cannot be used */
  onModuleInit(): void {
    this.files = readTemplateFiles();
    for (const file of this.files) {
      const [fault] = findFaults(file);
      if (fault) throw new Error(`templates/${file.slug}/${fault.part}.hbs: ${fault.message}`);
    }
  }

  /** @param idOrSlug `tpl_…`, or the slug */
  async find(projectId: ProjectId, idOrSlug: string): Promise<TemplateRow | null> {
    if (!NAME.test(idOrSlug)) return null;
    await this.ensureFiles(projectId);
    return this.repository.find(projectId, idOrSlug);
  }

  async list(projectId: ProjectId, before: string | null, limit: number): Promise<TemplateRow[]> {
    await this.ensureFiles(projectId);
    return this.repository.list(projectId, before, limit);
  }

  async getVersion(template: TemplateRow, version = template.version): Promise<TemplateVersionRow | null> {
    return this.repository.findVersion(template.id, version);
  }

  /** Compiles versions, each once per process: a version never changes. Those that cannot be used are absent. */
  async compile(
    versions: readonly { templateId: string; version: number }[],
  ): Promise<Map<string, CompiledTemplate>> {
    const result = new Map<string, CompiledTemplate>();
    const unknown = new Map<string, { templateId: string; version: number }>();
    for (const version of versions) {
      const key = versionKey(version);
      const known = this.compiled.get(key);
      if (known) result.set(key, known);
      else unknown.set(key, version);
    }
    const rows = unknown.size === 0 ? [] : await this.repository.findVersions([...unknown.values()]);
    for (const row of rows) {
      const compiled = compileStored(row);
      if (!compiled) continue;
      this.compiled.set(versionKey(row), compiled);
      result.set(versionKey(row), compiled);
    }
    return result;
  }

  /** Copies the files into the project, once per process: a new file, or one that changed, gives a new version. */
  private ensureFiles(projectId: ProjectId): Promise<void> {
    const known = this.copied.get(projectId);
    if (known) return known;
    const copying = this.copyFiles(projectId);
    this.copied.set(projectId, copying);
    // A failed copy must not be remembered.
    copying.catch(() => this.copied.delete(projectId));
    return copying;
  }

  private async copyFiles(projectId: ProjectId): Promise<void> {
    for (const file of this.files) {
      const template = { projectId, slug: file.slug, channel: FILE_CHANNEL, source: 'file' as const };
      const inserted = await this.repository.insert(template, file, 'file');
      const present = inserted ?? (await this.repository.find(projectId, file.slug));
      if (present?.source === 'file' && !inserted) {
        await this.repository.addVersion(present.id, file, { source: 'file', createdBy: 'file' });
      }
    }
  }
}

/** A version that passed the checks when it was written may not pass those of a later release. */
function compileStored(row: TemplateVersionRow): CompiledTemplate | null {
  try {
    return compileTemplate(row);
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    log.warn({ err: error, templateId: row.templateId, version: row.version }, 'a template cannot be used');
    return null;
  }
}

/** Names a version in the maps of `compile`. */
export function versionKey({ templateId, version }: { templateId: string; version: number }): string {
  return `${templateId}@${version}`;
}
