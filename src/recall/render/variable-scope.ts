/**
 * Where a path of a template starts: `{{#with}}` and `{{#each}}` move it, `../` goes back.
 * It exists to name variables from the root, `event.items[].name` for `{{name}}` in a loop.
 */
export interface VariableScope {
  /** Name of the present context with a dot behind it; empty at the root. */
  base: string;
  /** Names given by `as |item|`, and what they stand for. */
  aliases: ReadonlyMap<string, string>;
  parent: VariableScope | null;
}

export const ROOT_SCOPE: VariableScope = { base: '', aliases: new Map(), parent: null };

/** The scope inside `{{#with name as |alias|}}` (`isLoop` false) or `{{#each name as |alias|}}`. */
export function enterScope(
  parent: VariableScope,
  name: string,
  block: { isLoop: boolean; aliases: readonly string[] },
): VariableScope {
  const inner = block.isLoop ? `${name}[]` : name;
  const [alias, keyAlias] = block.aliases;
  const aliases = new Map(parent.aliases);
  if (alias !== undefined) aliases.set(alias, inner);
  if (keyAlias !== undefined) aliases.set(keyAlias, '@key');
  return { base: `${inner}.`, aliases, parent };
}

/** Full name of a path, as a marketer would write it at the top of the template. */
export function nameOfPath(path: hbs.AST.PathExpression, scope: VariableScope): string {
  if (path.data) return path.parts[0] === 'root' ? path.parts.slice(1).join('.') : `@${path.parts.join('.')}`;
  const [first, ...rest] = path.parts;
  const alias = path.depth === 0 && first !== undefined ? scope.aliases.get(first) : undefined;
  if (alias !== undefined) return [alias, ...rest].join('.');
  let at = scope;
  for (let depth = path.depth; depth > 0 && at.parent; depth--) at = at.parent;
  return path.parts.length === 0 ? at.base.replace(/\.$/, '') || 'this' : at.base + path.parts.join('.');
}
