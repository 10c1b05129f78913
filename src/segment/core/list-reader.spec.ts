import { ListFileRefusal, ListReader } from './list-reader.js';

function read(format: 'csv' | 'jsonl', text: string, column: string | null = null) {
  const reader = new ListReader(format, column);
  const bytes = new TextEncoder().encode(text);
  return [...reader.push(bytes.slice(0, 3)), ...reader.push(bytes.slice(3)), ...reader.end()].map(
    ({ line, ...row }) => [line, 'reason' in row ? row.reason : `${row.key}=${row.value}`],
  );
}

function refusal(text: string, column: string | null = null) {
  try {
    read('csv', text, column);
  } catch (error) {
    if (error instanceof ListFileRefusal) return error.code;
    throw error;
  }
  return null;
}

describe('A list in CSV', () => {
  it.each([
    [
      'user ids',
      'user_id\nusr_1\nusr_2\n',
      [
        [2, '=1'],
        [3, '=2'],
      ],
    ],
    [
      'user ids without a heading',
      'usr_1\nusr_2\n',
      [
        [1, '=1'],
        [2, '=2'],
      ],
    ],
    [
      'identities of a key',
      '$identity_login_id\nada\n 42 \n',
      [
        [2, '$identity_login_id=ada'],
        [3, '$identity_login_id=42'],
      ],
    ],
    [
      'a column among others',
      'name,email\n"Lovelace, Ada",ada@example.com',
      [[2, 'email=ada@example.com']],
      'email',
    ],
    ['semicolons', 'name;user_id\nAda;usr_7', [[2, '=7']]],
    [
      'ids and identities mixed',
      'identity\nusr_1\nemail:a:b\n',
      [
        [2, '=1'],
        [3, 'email=a:b'],
      ],
    ],
    ['a byte order mark', '\ufeffuser_id\nusr_1', [[2, '=1']]],
    ['text beyond ASCII', '昵称,identity\n爱达,member:王\n', [[2, 'member=王']]],
    ['empty lines', 'user_id\n\nusr_1\n\n', [[3, '=1']]],
  ])('is read with %s', (_, text, rows, column: string | null = null) => {
    expect(read('csv', text, column)).toEqual(rows);
  });

  it('says of every row that names nobody why', () => {
    const text = ['user_id,x', '42,', 'usr_0,', ',x', 'usr_1', '"usr_1" 2,', 'usr_3,'].join('\n');
    expect(read('csv', text)).toEqual([
      [2, 'invalid_user_id'],
      [3, 'invalid_user_id'],
      [4, 'missing_value'],
      [5, '=1'],
      [6, 'unreadable_row'],
      [7, '=3'],
    ]);
    expect(read('csv', `email\n${'x'.repeat(256)}\na\0b`)).toEqual([
      [2, 'value_too_long'],
      [3, 'invalid_identity'],
    ]);
    expect(read('csv', 'identity\nada\n1x:ada')).toEqual([
      [2, 'invalid_identity'],
      [3, 'invalid_identity'],
    ]);
  });

  it.each([
    ['that could be several', 'email,phone\na,1', null, 'unclear_column'],
    ['that is not there', 'email\na', 'phone', 'unknown_column'],
    ['that is no name', 'E-Mail\na', null, 'invalid_column'],
  ])('is refused with a column %s', (_, text, column, code) => {
    expect(refusal(text, column)).toBe(code);
  });
});

describe('A list in JSON lines', () => {
  it('is read with objects, texts and numbers', () => {
    const lines = [
      '{"user_id":"usr_1","name":"x"}',
      '"usr_2"',
      '"email:a@b"',
      '{"$identity_login_id":42}',
      '{"a":1,"b":2}',
      '{',
      '[1]',
      '{"user_id":true}',
    ];
    expect(read('jsonl', lines.join('\n'))).toEqual([
      [1, '=1'],
      [2, '=2'],
      [3, 'email=a@b'],
      [4, '$identity_login_id=42'],
      [5, 'missing_value'],
      [6, 'unreadable_row'],
      [7, 'unreadable_row'],
      [8, 'invalid_identity'],
    ]);
  });

  it('is read by the field that is named', () => {
    expect(read('jsonl', '{"a":"x","b":"y"}\n{"b":"z"}\n"plain"', 'a')).toEqual([
      [1, 'a=x'],
      [2, 'missing_value'],
      [3, 'a=plain'],
    ]);
  });
});
