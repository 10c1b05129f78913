import Handlebars from 'handlebars';
import type { JsonObject } from '../../kernel/json.js';
import { HelperError } from '../core/helpers/helper-error.js';
import { type HelperCall, linkTarget, VALUE_HELPERS, type ValueHelper } from '../core/helpers/helpers.js';
import { isPresent, toText } from '../core/template-data.js';
import type { TemplatePart } from '../core/template-fault.js';
import { markLink } from '../core/tracked-text.js';
import { NEED_CONTENT, NEED_VALUE } from './prepare-template.js';

/** One rendering of one part; helpers write into it what they find. */
export interface RenderSession {
  part: TemplatePart;
  /** IANA name of the project's zone. */
  zone: string;
  /** Full names of the variables that were needed and are not there. */
  missing: Set<string>;
  /** Targets of `{{link}}` in a text, by the number in its mark. */
  links: string[];
  /** Characters that loops have made so far. */
  loopedLength: number;
}

export type CompiledPart = (data: JsonObject, session: RenderSession) => string;

/** More than any mail; it stops loops in loops over long lists. */
const MAX_OUTPUT_LENGTH = 2 * 1024 * 1024;
/** Where Handlebars' private data holds the session; templates can name only root, index, key, first and last. */
const SESSION = 'rekindle';

interface HelperOptions extends Handlebars.HelperOptions {
  data: Record<string, unknown>;
}

const engine = createEngine();
const KNOWN_HELPERS = Object.fromEntries(Object.keys(engine.helpers).map((name) => [name, true]));

/** Compiles a tree out of `prepareTemplate`; html is escaped, text and subject are not. */
export function compilePart(program: hbs.AST.Program, part: TemplatePart): CompiledPart {
  const template = engine.compile<JsonObject>(program, {
    knownHelpers: KNOWN_HELPERS as Record<string, boolean> & typeof KNOWN_HELPERS as never,
    knownHelpersOnly: true,
    noEscape: part !== 'html',
    preventIndent: true,
  });
  return (data, session) => {
    const text = template(data, {
      data: { [SESSION]: session },
      allowProtoPropertiesByDefault: false,
      allowProtoMethodsByDefault: false,
    });
    if (text.length > MAX_OUTPUT_LENGTH) throw tooLong();
    return text;
  };
}

function createEngine(): typeof Handlebars {
  const created = Handlebars.create();
  for (const name of ['lookup', 'log', 'helperMissing', 'blockHelperMissing']) created.unregisterHelper(name);
  for (const [name, helper] of Object.entries<ValueHelper>(VALUE_HELPERS)) register(created, name, helper);
  register(created, 'link', (call, session) => {
    const target = linkTarget(call);
    return session.part === 'text' ? markLink(session.links.push(target) - 1) : target;
  });
  register(created, NEED_VALUE, ({ args: [name, value] }, session) => {
    const text = isPresent(value) ? toText(value) : null;
    if (text !== null) return value;
    session.missing.add(String(name));
    return '';
  });
  register(created, NEED_CONTENT, ({ args: [name, value] }, session) => {
    if (!isPresent(value)) session.missing.add(String(name));
    return value;
  });
  boundLoops(created);
  return created;
}

function register(
  target: typeof Handlebars,
  name: string,
  run: (call: HelperCall, session: RenderSession) => unknown,
): void {
  target.registerHelper(name, (...all: unknown[]) => {
    const options = all.at(-1) as HelperOptions;
    const session = sessionOf(options);
    try {
      const result = run({ args: all.slice(0, -1), hash: options.hash, zone: session.zone }, session);
      // Lists pass through to loops as they are; everywhere else they are text.
      return Array.isArray(result) && name !== NEED_CONTENT ? toText(result) : result;
    } catch (error) {
      // What a helper says of a hole is noise: the missing name is the cause, and the message is held for it.
      if (error instanceof HelperError && session.missing.size > 0) return '';
      throw error;
    }
  });
}

function boundLoops(target: typeof Handlebars): void {
  const each = target.helpers['each'];
  if (!each) throw new Error('Handlebars has no each.');
  target.registerHelper('each', function (this: unknown, list: unknown, options: Handlebars.HelperOptions) {
    const session = sessionOf(options as HelperOptions);
    const fn: Handlebars.TemplateDelegate = (context, runtime) => {
      const text = options.fn(context, runtime);
      // An empty pass counts too, so that loops which print nothing end as well.
      session.loopedLength += text.length + 1;
      if (session.loopedLength > MAX_OUTPUT_LENGTH) throw tooLong();
      return text;
    };
    return each.call(this, list, { ...options, fn });
  });
}

function sessionOf(options: HelperOptions): RenderSession {
  return options.data[SESSION] as RenderSession;
}

function tooLong(): HelperError {
  return new HelperError(`The content is longer than ${MAX_OUTPUT_LENGTH} characters.`);
}
