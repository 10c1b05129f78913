import { isAllowedFunction } from './sql-functions.js';

/** Why the SQL of a segment is not run; the message is for people and says what to change. */
export class SqlRefusal extends Error {
  constructor(
    readonly code:
      | 'not_one_select'
      | 'invalid_sql'
      | 'forbidden_table'
      | 'forbidden_function'
      | 'forbidden_clause'
      | 'no_user_id'
      | 'reference_to_sql',
    message: string,
  ) {
    super(message);
  }
}

/** The tables that the SQL of a segment may read. */
export const SQL_TABLES = ['events', 'profiles'] as const;

/** Everything that a plain SELECT is made of, in the words of ClickHouse's parser. */
const NODES = new Set([
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'ExpressionList',
  'Identifier',
  'Literal',
  'Function',
  'Subquery',
  'WithElement',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableIdentifier',
  'TableJoin',
  'ArrayJoin',
  'OrderByElement',
  'WindowDefinition',
  'WindowListElement',
  'Asterisk',
  'QualifiedAsterisk',
]);
/** Functions of which an argument may be a table. */
const TAKES_TABLE = /^(not|global|globalnot|null|notnull|globalnull|globalnotnull)?in(ignoreset)?$/i;

interface Node {
  type: string;
  /** What stands behind the type: a name, a literal. */
  text: string;
  children: Node[];
}

/**
 * Judges a statement by the tree that ClickHouse's own parser makes of it: one SELECT, in which nothing but what is known
 * to be harmless occurs.
 * @param ast the answer of `EXPLAIN AST`
 * @param realTables names of the tables of the database, none of which may be named
 * @throws SqlRefusal
 */
export function checkSyntaxTree(ast: string, realTables: ReadonlySet<string>): void {
  const [root, ...others] = parseTree(ast);
  if (root?.type !== 'SelectWithUnionQuery' || others.length > 0) throw notOneSelect();
  if (root.children.length !== 1)
    throw new SqlRefusal('forbidden_clause', 'Leave out FORMAT, SETTINGS and INTO OUTFILE.');
  checkNode(root, null, realTables);
}

/**
 * Judges a statement by the tree that ClickHouse's analyser makes of it, asked of an imitation of the tables that has no
 * rows: every name is resolved there, and whatever is read there is no table of ours.
 * @param tree the answer of `EXPLAIN QUERY TREE passes = 1`
 */
export function checkQueryTree(tree: string): void {
  for (const line of tree.split('\n')) {
    if (/^ *TABLE_FUNCTION id: /.test(line))
      throw new SqlRefusal('forbidden_table', 'Leave out table functions.');
    const name = /^ *FUNCTION id: .*?function_name: (\w+)/.exec(line)?.[1];
    // Some, such as now, are called without brackets: the parser takes them for columns.
    if (name !== undefined && !isAllowedFunction(name)) throw forbiddenFunction(name);
    const table = /^ *TABLE id: .*table_name: (.*)$/.exec(line)?.[1];
    if (table !== undefined && table !== 'system.one') throw noSuchTable(table);
  }
}

function checkNode(node: Node, parent: Node | null, realTables: ReadonlySet<string>): void {
  if (!NODES.has(node.type)) {
    const what = node.type === 'Set' ? 'SETTINGS' : node.type;
    throw new SqlRefusal('forbidden_clause', `Leave out ${what}: a segment is a plain SELECT.`);
  }
  if (node.type === 'Function') checkFunction(node, parent);
  if (node.type === 'TableIdentifier') checkTable(node.text, realTables);
  for (const child of node.children) checkNode(child, node, realTables);
}

function checkFunction(node: Node, parent: Node | null): void {
  const name = node.text;
  if (parent?.type === 'TableExpression') {
    throw new SqlRefusal(
      'forbidden_table',
      `The table function ${name} may not be used: read ${SQL_TABLES.join(' or ')}.`,
    );
  }
  if (!isAllowedFunction(name)) throw forbiddenFunction(name);
  if (!TAKES_TABLE.test(name)) return;
  const [, ...sets] = node.children[0]?.children ?? [];
  if (sets.some(({ type }) => type === 'Identifier'))
    throw new SqlRefusal(
      'forbidden_table',
      'Write IN (SELECT … FROM …) instead of IN and the name of a table.',
    );
}

function forbiddenFunction(name: string): SqlRefusal {
  return new SqlRefusal('forbidden_function', `The function ${name} may not be used here.${adviceFor(name)}`);
}

function adviceFor(name: string): string {
  if (/^(now|now64|today|yesterday|current_?(date|timestamp)|utc.*)$/i.test(name))
    return ' Take as_of, the moment that the segment is computed for.';
  return '';
}

function checkTable(name: string, realTables: ReadonlySet<string>): void {
  if (/^[A-Za-z_]\w*$/.test(name) && !realTables.has(name)) return;
  throw noSuchTable(name);
}

function noSuchTable(name: string): SqlRefusal {
  return new SqlRefusal(
    'forbidden_table',
    `There is no table ${name} here: read ${SQL_TABLES.join(' or ')}, or a query of WITH under another name.`,
  );
}

export function notOneSelect(): SqlRefusal {
  return new SqlRefusal('not_one_select', 'Write one SELECT and nothing else.');
}

function parseTree(text: string): Node[] {
  const top: Node = { type: '', text: '', children: [] };
  const path: { node: Node; depth: number }[] = [{ node: top, depth: -1 }];
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const depth = line.search(/\S/);
    while ((path.at(-1)?.depth ?? -1) >= depth) path.pop();
    const [type = '', ...rest] = line.trim().split(' ');
    const node = { type, text: toName(rest.join(' ')), children: [] };
    path.at(-1)?.node.children.push(node);
    path.push({ node, depth });
  }
  return top.children;
}

/** A line ends with the alias and the number of children, where there are any. */
function toName(text: string): string {
  return text.replace(/ ?\(children \d+\)$/, '').replace(/ ?\(alias .*\)$/, '');
}
