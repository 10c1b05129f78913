import fc from 'fast-check';
import { MAX_NESTING, MAX_VALUES, parseJson } from './parse-json.js';

const PADDING = 'x'.repeat(1024 * 1024);

describe('parsing JSON of a client', () => {
  it('gives what JSON.parse gives, long or short', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const short = JSON.stringify(value);
        expect(parseJson(short)).toEqual({ kind: 'ok', value: JSON.parse(short) });
        const long = JSON.stringify([`\\"{[,${PADDING}\\`, value]);
        expect(parseJson(long)).toEqual({ kind: 'ok', value: JSON.parse(long) });
      }),
      { numRuns: 50 },
    );
  });

  it('takes a byte order mark before it', () => {
    expect(parseJson('\uFEFF[1]')).toEqual({ kind: 'ok', value: [1] });
  });

  it.each([
    ['as many values as are allowed', `[${'1,'.repeat(MAX_VALUES - 2)}"${PADDING}"]`, 'ok'],
    ['more', `[${'1,'.repeat(MAX_VALUES + 1)}1]`, 'dead'],
    [
      'as many levels as are allowed',
      `[${'['.repeat(MAX_NESTING - 1)}"${PADDING}"${']'.repeat(MAX_NESTING)}`,
      'ok',
    ],
    ['more', `[${'['.repeat(MAX_NESTING)}"${PADDING}"${']'.repeat(MAX_NESTING + 1)}`, 'dead'],
    ['brackets in a string', `["${'[,'.repeat(MAX_VALUES)}"]`, 'ok'],
    ['brackets behind an escaped quote', `["\\"${'[,'.repeat(MAX_VALUES)}"]`, 'ok'],
    ['brackets behind an escaped escape', `["\\\\",${'[,'.repeat(MAX_VALUES)}`, 'dead'],
  ])('bounds long text: %s', (_name, text, kind) => {
    const parsed = parseJson(text);
    expect(parsed.kind).toBe(kind);
    if (parsed.kind === 'dead') expect(parsed.reason).toBe('too_complex');
  });

  it.each([
    ['an open string', `["${PADDING}`],
    ['nothing', ''],
    ['a word', 'nope'],
  ])('has a reason for %s', (_name, text) => {
    expect(parseJson(text)).toMatchObject({ kind: 'dead', reason: 'invalid_json' });
  });
});
