import { decideMove, findFixed } from './campaign-state.js';

describe('decideMove', () => {
  it.each([
    ['a draft is activated', 'draft', 'activate', 'active'],
    ['an active campaign is not activated again', 'active', 'activate', null],
    ['an active campaign is paused', 'active', 'pause', 'paused'],
    ['a paused campaign goes on', 'paused', 'resume', 'active'],
    ['a paused campaign is stopped', 'paused', 'stop', 'stopped'],
    ['a draft is thrown away by stopping it', 'draft', 'stop', 'stopped'],
    ['what is stopped stays so', 'stopped', 'resume', null],
    ['what is completed cannot be stopped', 'completed', 'stop', null],
  ] as const)('%s', (_sentence, state, action, expected) => {
    expect(decideMove(state, action)).toBe(expected);
  });
});

describe('findFixed', () => {
  it.each([
    ['a draft changes freely', 'draft', ['segmentId', 'name'], []],
    [
      'an active campaign keeps its audience',
      'active',
      ['segmentId', 'name', 'reentry'],
      ['segmentId', 'reentry'],
    ],
    ['a paused campaign may get another template', 'paused', ['templateId'], []],
    ['a stopped campaign keeps all', 'stopped', ['name'], ['name']],
  ] as const)('%s', (_sentence, state, changed, expected) => {
    expect(findFixed(state, changed)).toEqual(expected);
  });
});
