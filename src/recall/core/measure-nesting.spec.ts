import { measureNesting } from './measure-nesting.js';

describe('measureNesting', () => {
  it.each([
    ['plain text is flat', 'Hi {{name}} :( :(', 0],
    ['blocks one behind the other', '{{#if a}}{{/if}}{{#if b}}{{/if}}', 1],
    ['blocks in blocks', '{{#if a}}{{~#each b}}{{^c}}{{/c}}{{/each}}{{/if}}', 3],
    ['else if nests', '{{#if a}}{{else if b}}{{ else if c}}{{/if}}{{#if a}}{{/if}}', 3],
    ['calls in calls', '{{a (b (c (d)))}}{{a (b)}}', 3],
  ])('%s', (_sentence, source, expected) => {
    expect(measureNesting(source)).toBe(expected);
  });
});
