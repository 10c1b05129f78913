import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJsonObject, type JsonObject } from '../../kernel/json.js';
import type { TemplateContent } from './template.repository.js';

export interface TemplateFile extends TemplateContent {
  slug: string;
}

/**
 * Reads the templates that come with the service: `templates/<slug>/{subject,html,text}.hbs` and `sample.json`.
 * They are for e-mail; a part without a file is empty.
 * @throws where a folder's name is no slug, or a sample is no JSON object
 */
export function readTemplateFiles(folder: string = findTemplatesFolder()): TemplateFile[] {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map(({ name: slug }) => {
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(slug))
      throw new Error(`templates/${slug} is not named like a slug.`);
    const read = (file: string) => {
      const path = join(folder, slug, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    };
    return {
      slug,
      subject: read('subject.hbs').trim(),
      html: read('html.hbs'),
      text: read('text.hbs'),
      sample: readSample(slug, read('sample.json')),
    };
  });
}

function readSample(slug: string, json: string): JsonObject {
  const sample: unknown = json === '' ? {} : JSON.parse(json);
  if (!isJsonObject(sample)) throw new Error(`templates/${slug}/sample.json does not hold an object.`);
  return sample;
}

/** The folder beside package.json, whether the code runs from src or from dist. */
function findTemplatesFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('The folder templates was not found beside package.json.');
    folder = parent;
  }
  return join(folder, 'templates');
}
