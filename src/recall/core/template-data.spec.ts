import { isPresent, toTemplateData, toText } from './template-data.js';

describe('toTemplateData', () => {
  it('gives objects that have nothing but the data', () => {
    const data = toTemplateData(JSON.parse('{"a":{"b":[{"c":1}]},"__proto__":{"x":1},"constructor":"no"}'));
    expect(Object.getPrototypeOf(data)).toBeNull();
    expect(Object.keys(data)).toEqual(['a']);
    const nested = (data['a'] as { b: object[] }).b[0];
    expect(Object.getPrototypeOf(nested)).toBeNull();
  });

  it('removes control characters and keeps line breaks', () => {
    expect(toTemplateData({ a: 'x\u0001y\u0000\nz' })['a']).toBe('xy\nz');
  });

  it('leaves out what is nested too deeply', () => {
    let deep: object = {};
    for (let level = 0; level < 10_000; level++) deep = { deep };
    expect(() => toTemplateData(deep as never)).not.toThrow();
  });
});

describe('isPresent', () => {
  it.each([
    ['a missing value is a hole', undefined, false],
    ['null is a hole', null, false],
    ['blank text is a hole', '  ', false],
    ['an empty list is a hole', [], false],
    ['zero is a value', 0, true],
    ['false is a value', false, true],
    ['text is a value', 'a', true],
  ])('%s', (_sentence, value, expected) => {
    expect(isPresent(value)).toBe(expected);
  });
});

describe('toText', () => {
  it.each([
    ['a list is shown with commas', ['a', 2], 'a, 2'],
    ['an object has no text', { a: 1 }, null],
    ['a list of objects has no text', [{ a: 1 }], null],
    ['a list with null has no text', [null], null],
    ['false is shown as a word', false, 'false'],
  ])('%s', (_sentence, value, expected) => {
    expect(toText(value)).toBe(expected);
  });
});
