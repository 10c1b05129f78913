import type { JsonObject } from '../../kernel/json.js';
import { HelperError } from '../core/helpers/helper-error.js';
import { toTemplateData } from '../core/template-data.js';
import { type PartFault, TEMPLATE_PARTS, TemplateFault, type TemplatePart } from '../core/template-fault.js';
import { type CompiledPart, compilePart, type RenderSession } from './engine.js';
import { prepareTemplate } from './prepare-template.js';

/** Sources of a template; an empty one has no content in that part. */
export type TemplateSources = Record<TemplatePart, string>;

export type Draft =
  | {
      kind: 'drafted';
      subject: string;
      html: string;
      /** Links are marked, see tracked-text.ts. */
      text: string;
      /** Targets of the marked links, by number. */
      textLinks: string[];
    }
  | { kind: 'missing'; names: string[] }
  | { kind: 'failed'; detail: string };

export interface CompiledTemplate {
  requiredVariables: string[];
  optionalVariables: string[];
  /** @param zone of the project, IANA name; @returns a draft; what the data lacks is in the answer, never thrown */
  draft(variables: JsonObject, zone: string): Draft;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a header is one line
const LINE_BREAKS = /[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g;

/**
 * Compiles all parts.
 * @throws TemplateFault for the first part that is wrong; use `findFaults` to hear of all
 */
export function compileTemplate(sources: TemplateSources): CompiledTemplate {
  const required = new Set<string>();
  const optional = new Set<string>();
  const parts = {} as Record<TemplatePart, CompiledPart>;
  for (const part of TEMPLATE_PARTS) {
    const prepared = prepareTemplate(sources[part]);
    parts[part] = compilePart(prepared.program, part);
    for (const name of prepared.required) required.add(name);
    for (const name of prepared.optional) optional.add(name);
  }
  return {
    requiredVariables: [...required].sort(),
    optionalVariables: [...optional].filter((name) => !required.has(name)).sort(),
    draft: (variables, zone) => draft(parts, toTemplateData(variables), zone),
  };
}

/** Everything that is wrong with the sources, at most one fault a part; empty where they can be used. */
export function findFaults(sources: TemplateSources): PartFault[] {
  return TEMPLATE_PARTS.flatMap((part) => {
    try {
      prepareTemplate(sources[part]);
      return [];
    } catch (error) {
      if (error instanceof TemplateFault) return [{ part, message: error.message }];
      throw error;
    }
  });
}

function draft(parts: Record<TemplatePart, CompiledPart>, data: JsonObject, zone: string): Draft {
  const missing = new Set<string>();
  const links: string[] = [];
  const run = (part: TemplatePart) => {
    const session: RenderSession = { part, zone, missing, links, loopedLength: 0 };
    return parts[part](data, session);
  };
  try {
    const subject = run('subject').replace(LINE_BREAKS, ' ').trim();
    const [html, text] = [run('html'), run('text')];
    if (missing.size > 0) return { kind: 'missing', names: [...missing].sort() };
    return { kind: 'drafted', subject, html, text, textLinks: links };
  } catch (error) {
    if (missing.size > 0) return { kind: 'missing', names: [...missing].sort() };
    if (error instanceof HelperError) return { kind: 'failed', detail: error.message };
    throw error;
  }
}
