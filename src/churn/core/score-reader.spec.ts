import { ScoreFileRefusal, ScoreReader } from './score-reader.js';

function read(format: 'csv' | 'jsonl', text: string, pieceBytes = 7) {
  const reader = new ScoreReader(format);
  const bytes = Buffer.from(text);
  const rows = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    rows.push(...reader.push(bytes.subarray(at, at + pieceBytes)));
  return [...rows, ...reader.end()];
}

describe('A file of scores', () => {
  it('is read as CSV, whatever the order of its columns and wherever its pieces end', () => {
    const text =
      '\uFEFFregion,score,user\r\nÖst,0.25,usr_42\r\n"a,b",1,"$identity_login_id:Ann ""A"""\r\n\r\nx,.5,usr_7';
    expect(read('csv', text)).toEqual([
      { line: 2, user: { userId: 42 }, score: 0.25 },
      { line: 3, user: { identity: { key: '$identity_login_id', value: 'Ann "A"' } }, score: 1 },
      { line: 5, user: { userId: 7 }, score: 0.5 },
    ]);
  });

  it('is read as JSON lines', () => {
    const text = '{"user":"usr_42","score":0}\n{"user_id":"$identity_email:a:b","score":0.5}\n';
    expect(read('jsonl', text)).toEqual([
      { line: 1, user: { userId: 42 }, score: 0 },
      { line: 2, user: { identity: { key: '$identity_email', value: 'a:b' } }, score: 0.5 },
    ]);
  });

  it.each([
    ['csv', 'user,score\n,0.5', 'missing_user'],
    ['csv', 'user,score\nbob,0.5', 'invalid_user'],
    ['csv', 'user,score\nusr_1,', 'missing_score'],
    ['csv', 'user,score\nusr_1', 'missing_score'],
    ['csv', 'user,score\nusr_1,1.01', 'invalid_score'],
    ['csv', 'user,score\nusr_1,0x1', 'invalid_score'],
    ['csv', 'user,score\nusr_1,NaN', 'invalid_score'],
    ['csv', 'user,score\n"usr_1,0.5', 'unreadable_row'],
    ['jsonl', '[1]', 'unreadable_row'],
    ['jsonl', '{"user":"usr_1","score":"0.5"}', 'invalid_score'],
    ['jsonl', '{"user":42,"score":0.5}', 'invalid_user'],
    ['jsonl', '{"score":0.5}', 'missing_user'],
  ] as const)('says why a row of %s gives no score: %j', (format, text, reason) => {
    expect(read(format, text)).toEqual([{ line: format === 'csv' ? 2 : 1, reason }]);
  });

  it('is refused where its first line names no columns', () => {
    expect(() => read('csv', 'usr_1,0.5\nusr_2,0.5')).toThrow(ScoreFileRefusal);
  });
});
