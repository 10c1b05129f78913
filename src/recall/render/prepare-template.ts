import Handlebars from 'handlebars';
import { VALUE_HELPERS } from '../core/helpers/helpers.js';
import { measureNesting } from '../core/measure-nesting.js';
import { FORBIDDEN_NAMES } from '../core/template-data.js';
import { TemplateFault } from '../core/template-fault.js';
import { enterScope, nameOfPath, ROOT_SCOPE, type VariableScope } from './variable-scope.js';

type Expression = hbs.AST.Expression;
type Call = hbs.AST.MustacheStatement | hbs.AST.SubExpression;

/** Helpers that only `prepareTemplate` puts in: they report what is missing. See engine.ts. */
export const NEED_VALUE = 'rekindle:needValue';
export const NEED_CONTENT = 'rekindle:needContent';

const MAX_SOURCE_BYTES = 200 * 1024;
const MAX_NESTING = 32;
/** Coarser than MAX_NESTING, because the scan counts what stands in comments too. */
const MAX_SCANNED_NESTING = 200;
const INLINE_HELPERS: ReadonlySet<string> = new Set([...Object.keys(VALUE_HELPERS), 'link']);
const CONDITIONS: ReadonlySet<string> = new Set(['if', 'unless']);
const LOOPS_AND_SCOPES: ReadonlySet<string> = new Set(['each', 'with']);
const DATA_NAMES: ReadonlySet<string> = new Set(['root', 'index', 'key', 'first', 'last']);
// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters to refuse
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export interface PreparedTemplate {
  program: hbs.AST.Program;
  /** Variables without which no message can be made from it. */
  required: Set<string>;
  /** Variables that it can do without, or needs only inside a condition. */
  optional: Set<string>;
}

/**
 * Parses a source, refuses what is not safe, and wraps every value in a check that it is there.
 *
 * Handlebars' own strict mode stops at the first missing name, without its path, and breaks `{{#if a.b}}`;
 * so the check is a helper call around each value, and one rendering reports all that is missing.
 * Values in `{{#if}}`, `{{#unless}}` and `default`, and lists with an `{{else}}`, may be absent.
 *
 * @throws TemplateFault with the line
 */
export function prepareTemplate(source: string): PreparedTemplate {
  if (Buffer.byteLength(source) > MAX_SOURCE_BYTES) {
    throw new TemplateFault(`is larger than ${MAX_SOURCE_BYTES / 1024} KiB`, null);
  }
  if (CONTROLS.test(source)) throw new TemplateFault('holds control characters: remove them', null);
  if (measureNesting(source) > MAX_SCANNED_NESTING) throw new TemplateFault('is nested too deeply', null);
  const prepared: PreparedTemplate = { program: parse(source), required: new Set(), optional: new Set() };
  new Preparation(prepared).program(prepared.program, { scope: ROOT_SCOPE, isConditional: false, depth: 0 });
  for (const name of prepared.required) prepared.optional.delete(name);
  return prepared;
}

function parse(source: string): hbs.AST.Program {
  try {
    return Handlebars.parse(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = /(?:line |- )(\d+)/.exec(message)?.[1];
    const cause = /Expecting .*|[^\n]*$/.exec(message.split('\n').at(-1) ?? '')?.[0] ?? message;
    throw new TemplateFault(
      error instanceof RangeError ? 'is nested too deeply' : readable(cause),
      line === undefined ? null : Number(line),
    );
  }
}

function readable(message: string): string {
  const text = message.replace(/ - \d+:\d+$/, '').slice(0, 300);
  return text.startsWith('Expecting') ? `is not valid Handlebars: ${text}` : text;
}

interface Place {
  scope: VariableScope;
  /** Inside a branch that may not be taken: a variable here is not needed by every message. */
  isConditional: boolean;
  depth: number;
}

/** One walk over a template; it changes the tree in place. */
class Preparation {
  constructor(private readonly found: PreparedTemplate) {}

  program(program: hbs.AST.Program, place: Place): void {
    if (place.depth > MAX_NESTING) throw fault(program, `is nested more than ${MAX_NESTING} levels deep`);
    for (const statement of program.body) this.statement(statement, place);
  }

  private statement(node: hbs.AST.Statement, place: Place): void {
    switch (node.type) {
      case 'ContentStatement':
      case 'CommentStatement':
        return;
      case 'MustacheStatement':
        this.mustache(node as hbs.AST.MustacheStatement, place);
        return;
      case 'BlockStatement':
        this.block(node as hbs.AST.BlockStatement, place);
        return;
      default:
        throw fault(node, 'partials and decorators are not available');
    }
  }

  private mustache(node: hbs.AST.MustacheStatement, place: Place): void {
    if (!node.escaped) throw fault(node, '{{{…}}} and {{&…}} are not available: values are always escaped');
    if (isHelperCall(node)) {
      Object.assign(node, toCall(this.helperCall(node, place)));
      return;
    }
    if (!isPath(node.path) || node.params.length > 0 || node.hash !== undefined) {
      throw fault(node, `there is no helper ${describe(node.path)}`);
    }
    Object.assign(node, toCall(this.value(node.path, place)));
  }

  /** An expression whose value is shown or given to a helper: it has to be there. */
  private value(node: Expression, place: Place): Expression {
    if (node.type === 'SubExpression') {
      const call = node as hbs.AST.SubExpression;
      if (place.depth >= MAX_NESTING) throw fault(node, `is nested more than ${MAX_NESTING} levels deep`);
      if (!isHelperCall(call)) throw fault(node, `there is no helper ${describe(call.path)}`);
      return this.helperCall(call, { ...place, depth: place.depth + 1 });
    }
    if (!isPath(node)) return node;
    return need(NEED_VALUE, this.note(node, place), node);
  }

  private helperCall(node: Call, place: Place): Expression {
    const name = (node.path as hbs.AST.PathExpression).original;
    if (node.params.length === 0) throw fault(node, `${name} needs a value`);
    if (name === 'default') return this.defaultCall(node, place);
    node.params = node.params.map((param) => this.value(param, place));
    for (const pair of node.hash?.pairs ?? []) pair.value = this.value(pair.value, place);
    return asSubExpression(node);
  }

  /** `{{default a b "c"}}`: all but the last may be absent; the last too where it is a literal, as in `""`. */
  private defaultCall(node: Call, place: Place): Expression {
    const last = node.params.length - 1;
    if (last === 0) throw fault(node, 'default needs a value and what to show without it');
    const names = node.params.map((param, index) => {
      if (isPath(param))
        return this.note(param, { ...place, isConditional: index < last || place.isConditional });
      if (param.type === 'SubExpression') node.params[index] = this.value(param, place);
      return null;
    });
    const call = asSubExpression(node);
    const lastName = names[last];
    return lastName == null ? call : need(NEED_VALUE, lastName, call);
  }

  private block(node: hbs.AST.BlockStatement, place: Place): void {
    const name = node.path.original;
    const [subject] = node.params;
    const isKnown = CONDITIONS.has(name) || LOOPS_AND_SCOPES.has(name);
    if (!isKnown) throw fault(node, `there is no block {{#${describe(node.path)}}}`);
    if (subject === undefined || node.params.length > 1 || !isPath(subject)) {
      throw fault(node, `{{#${name}}} takes one variable`);
    }
    if (node.hash !== undefined) throw fault(node, `{{#${name}}} takes no options`);
    if (CONDITIONS.has(name)) this.condition(node, subject, place);
    else this.loopOrScope(node, subject, place);
  }

  private condition(node: hbs.AST.BlockStatement, subject: hbs.AST.PathExpression, place: Place): void {
    const inside = { ...place, isConditional: true, depth: place.depth + 1 };
    this.note(subject, inside);
    if (node.program) this.program(node.program, inside);
    if (node.inverse) this.program(node.inverse, inside);
  }

  private loopOrScope(node: hbs.AST.BlockStatement, subject: hbs.AST.PathExpression, place: Place): void {
    const isConditional = place.isConditional || Boolean(node.inverse);
    const name = this.note(subject, { ...place, isConditional });
    const block = { isLoop: node.path.original === 'each', aliases: node.program?.blockParams ?? [] };
    const inside = { scope: enterScope(place.scope, name, block), isConditional, depth: place.depth + 1 };
    if (node.program) this.program(node.program, inside);
    if (node.inverse) this.program(node.inverse, { ...inside, scope: place.scope });
    else node.params = [need(NEED_CONTENT, name, subject)];
  }

  /** Checks a path and notes its variable. @returns the variable's full name */
  private note(path: hbs.AST.PathExpression, place: Place): string {
    const forbidden = path.parts.find((part) => FORBIDDEN_NAMES.has(part));
    if (forbidden !== undefined) throw fault(path, `${forbidden} is not a name of a variable`);
    if (path.data && !DATA_NAMES.has(path.parts[0] ?? '')) {
      throw fault(path, `there is no @${path.parts.join('.')}`);
    }
    const name = nameOfPath(path, place.scope);
    if (!name.startsWith('@')) (place.isConditional ? this.found.optional : this.found.required).add(name);
    return name;
  }
}

/** A helper is called by its bare name; `{{./upper}}` and `{{this.upper}}` are variables. */
function isHelperCall(node: Call): boolean {
  return isPath(node.path) && !node.path.data && INLINE_HELPERS.has(node.path.original);
}

function isPath(node: Expression): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression';
}

function asSubExpression(node: Call): hbs.AST.SubExpression {
  const { path, params, hash, loc } = node;
  return { type: 'SubExpression', path: path as hbs.AST.PathExpression, params, hash, loc };
}

/** The parts of a helper call that a mustache takes over. */
function toCall(expression: Expression) {
  const { path, params, hash } = expression as hbs.AST.SubExpression;
  return { path, params, hash };
}

function need(helper: string, name: string, value: Expression): hbs.AST.SubExpression {
  const { loc } = value;
  const path: hbs.AST.PathExpression = {
    type: 'PathExpression',
    data: false,
    depth: 0,
    parts: [helper],
    original: helper,
    loc,
  };
  const text: hbs.AST.StringLiteral = { type: 'StringLiteral', value: name, original: name, loc };
  // The parser gives no hash to a call without options, and so does this.
  return { type: 'SubExpression', path, params: [text, value], loc } as Expression as hbs.AST.SubExpression;
}

function describe(node: Expression): string {
  return isPath(node) ? node.original : 'of that form';
}

function fault(node: hbs.AST.Node, detail: string): TemplateFault {
  return new TemplateFault(detail, node.loc?.start.line ?? null);
}
