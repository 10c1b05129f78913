import type { JsonObject } from '../../kernel/json.js';
import { compileTemplate, findFaults, type TemplateSources } from './compiled-template.js';

function sources(part: Partial<TemplateSources>): TemplateSources {
  return { subject: '', html: '', text: '', ...part };
}

function draftText(text: string, variables: JsonObject = {}) {
  return compileTemplate(sources({ text })).draft(variables, 'Asia/Shanghai');
}

const ANN = {
  profile: { name: 'Ann', tags: ['a', 'b'], nick: '', visits: 0, '': 1 },
  event: {
    items: [
      { name: 'Tea', price: 250 },
      { name: 'Cup', price: 1999 },
    ],
  },
};

describe('what a template shows', () => {
  it.each([
    ['a value', 'Hi {{profile.name}}!', 'Hi Ann!'],
    ['zero is a value', '{{profile.visits}}', '0'],
    ['a list of words has commas', '{{profile.tags}}', 'a, b'],
    ['an absent value in a condition', '{{#if profile.city}}in {{profile.city}}{{else}}here{{/if}}', 'here'],
    ['a path through nothing in a condition', '{{#if a.b.c}}x{{/if}}-', '-'],
    ['a default for an absent value', '{{default profile.city "town"}}', 'town'],
    ['a default for blank text', '{{default profile.nick profile.name}}', 'Ann'],
    ['an empty default', '[{{default profile.city ""}}]', '[]'],
    ['a helper of a helper', '{{upper (default profile.city "x")}}', 'X'],
    ['a loop', '{{#each event.items}}{{@index}}{{name}};{{/each}}', '0Tea;1Cup;'],
    ['a loop with names', '{{#each event.items as |item i|}}{{i}}{{item.name}};{{/each}}', '0Tea;1Cup;'],
    ['the way back out of a loop', '{{#each event.items}}{{../profile.name}}{{/each}}', 'AnnAnn'],
    ['the root from within a loop', '{{#each event.items}}{{@root.profile.name}}{{/each}}', 'AnnAnn'],
    ['an absent list with another text', '{{#each event.none}}x{{else}}none{{/each}}', 'none'],
    ['an inner context', '{{#with profile}}{{name}}{{/with}}', 'Ann'],
    ['money in a loop', '{{#each event.items}}{{formatMoney price "EUR"}} {{/each}}', '€2.50 €19.99 '],
    ['a moment in the zone of the project', '{{formatDate 0 time="short"}}', 'Jan 1, 1970, 8:00 AM'],
    ['a variable with the name of a helper', '{{default this.upper "no"}}', 'no'],
    ['text is not escaped', '{{profile.name}} & <co>', 'Ann & <co>'],
    ['a comment is left out', 'a{{! note }}b{{!-- {{x}} --}}c', 'abc'],
    ['a link is marked', 'Go: {{link "https://a.example/?x=1"}}', 'Go: \u00010\u0002'],
  ])('%s', (_sentence, text, expected) => {
    expect(draftText(text, ANN)).toMatchObject({ kind: 'drafted', text: expected });
  });

  it('escapes values in html and nowhere else', () => {
    const all = '{{profile.name}}';
    const name = `<script>"'&`;
    expect(
      compileTemplate({ subject: all, html: all, text: all }).draft({ profile: { name } }, 'UTC'),
    ).toEqual({
      kind: 'drafted',
      subject: name,
      html: '&lt;script&gt;&quot;&#x27;&amp;',
      text: name,
      textLinks: [],
    });
  });

  it('keeps the subject on one line, whatever a value holds', () => {
    const drafted = compileTemplate(sources({ subject: ' Hi\n{{profile.name}}! ' })).draft(
      { profile: { name: 'Ann\r\nBcc: all@example.com\u2028x' } },
      'UTC',
    );
    expect(drafted).toMatchObject({ subject: 'Hi Ann Bcc: all@example.com x!' });
  });
});

describe('a missing variable holds the message', () => {
  it.each([
    ['an absent value', '{{profile.city}}', ['profile.city']],
    ['all that are absent at once', '{{b}} {{upper a.x}} {{profile.name}}', ['a.x', 'b']],
    ['null, blank text and an empty list', '{{n}}{{profile.nick}}{{empty}}', ['empty', 'n', 'profile.nick']],
    ['an object has no text', '{{profile}}', ['profile']],
    ['an absent list without another text', '{{#each event.none}}x{{/each}}', ['event.none']],
    ['a value absent from an item', '{{#each event.items}}{{colour}}{{/each}}', ['event.items[].colour']],
    ['an absent context', '{{#with address}}{{city}}{{/with}}', ['address']],
    ['a default that is absent too', '{{default profile.city profile.town}}', ['profile.town']],
    ['a value for a helper, not the helper', '{{formatMoney price "EUR"}}', ['price']],
    ['a value of an option', '{{formatDate 0 zone=profile.zone}}', ['profile.zone']],
  ])('%s', (_sentence, text, names) => {
    expect(draftText(text, { ...ANN, n: null, empty: [] })).toEqual({ kind: 'missing', names });
  });

  it('is not held for a branch that is not taken', () => {
    expect(draftText('{{#if vip}}{{vip.gift}}{{/if}}ok')).toMatchObject({ kind: 'drafted', text: 'ok' });
  });

  it('is held with the reason of a helper where the data does not suit', () => {
    expect(draftText('{{formatDate profile.name}}', ANN)).toMatchObject({ kind: 'failed' });
    expect(draftText('{{link profile.name}}', ANN)).toMatchObject({ kind: 'failed' });
  });
});

describe('attacks on a template', () => {
  it.each([
    ['the prototype', '{{profile.__proto__.x}}'],
    ['the constructor', '{{profile.constructor.name}}'],
    ['the constructor in a condition', '{{#if constructor}}x{{/if}}'],
    ['the prototype as a segment', '{{profile.[__proto__]}}'],
    ['the constructor as a context', '{{#with constructor as |c|}}{{c}}{{/with}}'],
    ['lookup', '{{lookup profile "constructor"}}'],
    ['lookup as a sub-expression', '{{upper (lookup profile "name")}}'],
    ['log', '{{log profile}}'],
    ['the hook for missing blocks', '{{#blockHelperMissing profile}}x{{/blockHelperMissing}}'],
    ['private data', '{{@rekindle.zone}}'],
    ['private data of the engine', '{{@root.constructor}}'],
    ['an internal helper', '{{rekindle:needValue "a" "b"}}'],
    ['a partial', '{{> x}}'],
    ['a partial out of data', '{{> (upper profile.name)}}'],
    ['an inline partial', '{{#*inline "x"}}y{{/inline}}'],
    ['a decorator', '{{* x}}'],
    ['unescaped output', '{{{profile.name}}}'],
    ['unescaped output of the other form', '{{& profile.name}}'],
    ['an unknown helper', '{{shout profile.name}}'],
    ['an unknown block', '{{#profile}}x{{/profile}}'],
    ['a text as a variable', '{{"profile"}}'],
    ['a mark of a link', 'a\u00010\u0002'],
    ['a source that is too large', 'x'.repeat(201 * 1024)],
    ['blocks without end', '{{#if a}}'.repeat(40) + '{{/if}}'.repeat(40)],
    ['conditions without end', `{{#if a}}${'{{else if a}}'.repeat(40)}{{/if}}`],
    ['more conditions without end', `{{#if a}}${'{{else if a}}'.repeat(9000)}{{/if}}`],
    ['blocks without any end', '{{#if a}}'.repeat(9000) + '{{/if}}'.repeat(9000)],
    ['helpers in helpers without end', `{{${'upper ('.repeat(9000)}upper a${')'.repeat(9000)}}}`],
  ])('%s is refused', (_sentence, html) => {
    expect(findFaults(sources({ html }))).toHaveLength(1);
  });

  it.each([
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    'helperMissing',
    'length.constructor',
  ])('%s is not there', (name) => {
    const outcome = findFaults(sources({ text: `{{${name}}}` })).length
      ? 'refused'
      : draftText(`{{${name}}}{{profile.${name}}}{{profile.tags.${name}}}`, ANN).kind;
    expect(['refused', 'missing']).toContain(outcome);
  });

  it('methods of lists and texts are not there', () => {
    expect(draftText('{{profile.tags.map}}{{profile.name.trim}}', ANN)).toEqual({
      kind: 'missing',
      names: ['profile.name.trim', 'profile.tags.map'],
    });
  });

  it('a value is never read as a template', () => {
    expect(draftText('{{profile.name}}', { profile: { name: '{{profile.secret}}' } })).toMatchObject({
      text: '{{profile.secret}}',
    });
  });

  it('a value cannot forge the mark of a link', () => {
    expect(draftText('{{profile.name}}', { profile: { name: 'a\u00010\u0002b' } })).toMatchObject({
      text: 'a0b',
      textLinks: [],
    });
  });

  it('loops in loops end', () => {
    const list = Array.from({ length: 2_000 }, (_unused, index) => index);
    expect(
      draftText('{{#each l}}{{#each @root.l}}{{#each @root.l}}{{/each}}{{/each}}{{/each}}', { l: list }),
    ).toMatchObject({ kind: 'failed' });
  });
});

describe('what is wrong is said with its line', () => {
  it.each([
    ['a block that is not closed', 'a\n{{#if b}}\nc', /^line [23]: /],
    ['the wrong end', 'a\n{{#if b}}c\n{{/each}}', /^line 2: .*if doesn't match each/],
    ['an unknown helper', '\n\n{{shout b}}', /^line 3: there is no helper shout/],
    ['a helper without a value', '{{upper}}', /^line 1: upper needs a value/],
    ['a condition without a variable', '{{#if}}x{{/if}}', /^line 1: \{\{#if\}\} takes one variable/],
  ])('%s', (_sentence, html, expected) => {
    expect(findFaults(sources({ html }))).toEqual([
      { part: 'html', message: expect.stringMatching(expected) },
    ]);
  });

  it('of every part at once', () => {
    expect(findFaults({ subject: '{{', html: '{{#a}}', text: 'ok' }).map(({ part }) => part)).toEqual([
      'subject',
      'html',
    ]);
  });
});

describe('the variables of a template', () => {
  it('are told apart: those needed by every message, and the others', () => {
    const { requiredVariables, optionalVariables } = compileTemplate({
      subject: '{{campaign.name}}',
      html: '{{#if vip}}{{gift}}{{/if}}{{#each event.items as |item|}}{{item.name}}{{../coupon}}{{/each}}',
      text: '{{default profile.nick profile.name}}{{#each tips}}{{this}}{{else}}-{{/each}}{{#with a}}{{../b}}{{/with}}',
    });
    expect(requiredVariables).toEqual([
      'a',
      'b',
      'campaign.name',
      'coupon',
      'event.items',
      'event.items[].name',
      'profile.name',
    ]);
    expect(optionalVariables).toEqual(['gift', 'profile.nick', 'tips', 'tips[]', 'vip']);
  });
});
