import { MAX_RECORD_LENGTH, RecordSplitter } from './record-splitter.js';

/** Whatever the pieces are that a file comes in, its records are the same. */
function split(text: string, pieceLength: number, hasQuotes = true) {
  const splitter = new RecordSplitter(hasQuotes);
  const found = [];
  for (let at = 0; at < text.length; at += pieceLength)
    found.push(...splitter.push(text.slice(at, at + pieceLength)));
  return [...found, ...splitter.end()].map(({ line, text: record }) => [line, record]);
}

describe.each([1, 3, 1_000_000])('A file in pieces of %i', (pieceLength) => {
  it.each([
    [
      'lines of either kind',
      'a\nb\r\nc',
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
    ],
    ['a last line that ends', 'a\n', [[1, 'a']]],
    ['nothing', '', []],
    [
      'line breaks in quotes',
      '"a\nb",c\nd',
      [
        [1, '"a\nb",c'],
        [3, 'd'],
      ],
    ],
    [
      'quotes in quotes',
      '"a""\nb",c\nd',
      [
        [1, '"a""\nb",c'],
        [3, 'd'],
      ],
    ],
    [
      'a quote within a value',
      '5" pipe,a\nb',
      [
        [1, '5" pipe,a'],
        [2, 'b'],
      ],
    ],
    [
      'a quote that nothing closes',
      'a\n"b\nc\nd\n',
      [
        [1, 'a'],
        [2, null],
        [3, 'c'],
        [4, 'd'],
      ],
    ],
    [
      'a last quote that nothing closes',
      'a\n"b',
      [
        [1, 'a'],
        [2, null],
      ],
    ],
  ])('has %s', (_, text, records) => {
    expect(split(text, pieceLength)).toEqual(records);
  });
});

describe('A record that is too long', () => {
  const long = 'x'.repeat(MAX_RECORD_LENGTH + 10);
  it.each([7, 1_000_000])('is left out, and the next one is read, in pieces of %i', (pieceLength) => {
    expect(split(`a\n${long}\nb\n`, pieceLength)).toEqual([
      [1, 'a'],
      [2, null],
      [3, 'b'],
    ]);
  });

  it('does not take rows along behind a quote that nothing closes', () => {
    const rows = Array.from({ length: 4000 }, (_, index) => `usr_${index + 1}`);
    const found = split(`"broken\n${rows.join('\n')}`, 900);
    expect(found).toHaveLength(4001);
    expect(found[0]).toEqual([1, null]);
    expect(found.at(-1)).toEqual([4001, 'usr_4000']);
  });
});
