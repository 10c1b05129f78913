import { checkQueryTree, checkSyntaxTree, SqlRefusal } from './check-sql.js';
import { isAllowedFunction } from './sql-functions.js';

const REAL = new Set(['event', 'profile']);
const PLAIN = `SelectWithUnionQuery (children 1)
 ExpressionList (children 1)
  SelectQuery (children 2)
   ExpressionList (children 1)
    Identifier user_id
   TablesInSelectQuery (children 1)
    TablesInSelectQueryElement (children 1)
     TableExpression (children 1)
      TableIdentifier events (alias e)`;

function refusal(work: () => void) {
  try {
    work();
  } catch (error) {
    if (error instanceof SqlRefusal) return error.code;
    throw error;
  }
  return null;
}
const ofSyntax = (ast: string) => refusal(() => checkSyntaxTree(ast, REAL));

describe('The syntax tree of a segment in SQL', () => {
  it.each([
    ['a plain SELECT', PLAIN, null],
    ['an INSERT', 'InsertQuery   (children 2)\n Identifier event', 'not_one_select'],
    ['FORMAT', PLAIN.replace('(children 1)', '(children 2)').concat('\n Identifier CSV'), 'forbidden_clause'],
    ['SETTINGS', PLAIN.concat('\n   Set'), 'forbidden_clause'],
    ['a node that nobody thought of', PLAIN.concat('\n   ColumnsTransformerList'), 'forbidden_clause'],
    ['a table of ours', PLAIN.replace('events', 'event'), 'forbidden_table'],
    ['a table of another database', PLAIN.replace('events', 'system.tables'), 'forbidden_table'],
    [
      'a table function',
      PLAIN.replace('TableIdentifier events (alias e)', 'Function count (children 1)'),
      'forbidden_table',
    ],
    [
      'a function that reads',
      PLAIN.replace('Identifier user_id', 'Function file (children 1)'),
      'forbidden_function',
    ],
    [
      'IN a table',
      PLAIN.replace(
        'Identifier user_id',
        'Function notIn (children 1)\n     ExpressionList (children 2)\n      Identifier user_id\n      Identifier event',
      ),
      'forbidden_table',
    ],
    ['nothing', '', 'not_one_select'],
  ])('of %s comes to %s', (_, ast, code) => {
    expect(ofSyntax(ast)).toBe(code);
  });

  it('hides nothing behind an alias with a line break', () => {
    const text = PLAIN.replace('(alias e)', '(alias e\n        Literal 1)\n      TableIdentifier event');
    expect(ofSyntax(text)).toBe('forbidden_table');
  });
});

describe('The query tree of a segment in SQL', () => {
  it.each([
    ['the imitation only', '  TABLE id: 3, alias: __table1, table_name: system.one', null],
    ['a table of ours', '  TABLE id: 3, table_name: rekindle.event', 'forbidden_table'],
    [
      'a function without brackets',
      '  FUNCTION id: 14, function_name: now, function_type: ordinary',
      'forbidden_function',
    ],
    ['a table function', '  TABLE_FUNCTION id: 15, table_function_name: numbers', 'forbidden_table'],
  ])('with %s comes to %s', (_, tree, code) => {
    expect(refusal(() => checkQueryTree(tree))).toBe(code);
  });
});

describe('A function', () => {
  it.each([
    'COUNT',
    'sumIf',
    'uniqExactOrNullIf',
    'groupArrayDistinct',
    'toStartOfWeek',
    'CAST',
    'lagInFrame',
  ])('%s may be called', (name) => expect(isAllowedFunction(name)).toBe(true));
  it.each([
    'file',
    'dictGet',
    'sleep',
    'rand',
    'now',
    'url',
    'joinGet',
    'hasColumnInTable',
    'getSetting',
    'currentUser',
    'repeat',
    'range',
    'If',
    'throwIf',
    'numbers',
    'executable',
  ])('%s may not be called', (name) => expect(isAllowedFunction(name)).toBe(name === 'If'));
});
