import { LANGUAGE_SCHEMA } from './language-schema.js';

describe('The published schema of the language', () => {
  const text = JSON.stringify(LANGUAGE_SCHEMA);

  it('has every form, and refers to itself where conditions hold conditions', () => {
    for (const key of ['all', 'sequence', 'stopped', 'segment', 'since', 'calendar', 'ago', 'moment']) {
      expect(text).toContain(`"${key}":`);
    }
    expect(text).toContain('"items":{"$ref":"#/$defs/condition"}');
    expect(text).toContain('"window":{"$ref":"#/$defs/window"}');
    expect(text).toContain('"compare":{"$ref":"#/$defs/comparison"}');
  });

  it('refers to nothing that it does not hold', () => {
    const names = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(names)).toEqual(new Set(['#/$defs/condition', '#/$defs/window', '#/$defs/comparison']));
  });
});
