import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createRuleSchema, durationMs } from './rule.js';
import { defineTriggerAction } from './trigger-action.js';

const note = defineTriggerAction({
  name: 'note',
  params: z.strictObject({ text: z.string().min(1) }),
  example: { text: 'hello' },
  plan: () => [],
});
const RULE = createRuleSchema([note]);
const rule = { version: 1, on: { event: 'View' }, actions: [{ type: 'note', text: 'hi' }] };

describe('the rule language', () => {
  it('fills in what is left out', () => {
    expect(RULE.parse(rule)).toEqual({ ...rule, on: { event: 'View', where: [] }, latenessHours: 24 });
  });

  it('reads what it wrote as the same rule', () => {
    const parsed = RULE.parse({
      ...rule,
      unless: { event: 'Pay', within: { hours: 1 }, sameProperty: 'product_id' },
      cooldown: { days: 1 },
    });
    expect(RULE.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });

  it.each<[string, object, string]>([
    ['an unknown version', { ...rule, version: 2 }, 'version'],
    ['no event', { ...rule, on: { event: '' } }, 'on.event'],
    [
      'an unknown operator',
      { ...rule, on: { event: 'A', where: [{ property: 'p', op: 'like' }] } },
      'on.where.0.op',
    ],
    ['no action', { ...rule, actions: [] }, 'actions'],
    ['an unknown action', { ...rule, actions: [{ type: 'shout' }] }, 'actions.0.type'],
    ['a wrong parameter of an action', { ...rule, actions: [{ type: 'note', text: '' }] }, 'actions.0.text'],
    [
      'a parameter that the action has not',
      { ...rule, actions: [{ type: 'note', text: 'a', x: 1 }] },
      'actions.0',
    ],
    ['a wait of no length', { ...rule, unless: { event: 'Pay', within: {} } }, 'unless.within'],
    [
      'a wait of more than 90 days',
      { ...rule, unless: { event: 'Pay', within: { days: 91 } } },
      'unless.within',
    ],
    ['a cooldown of more than a year', { ...rule, cooldown: { days: 366 } }, 'cooldown'],
    ['a lateness of nothing', { ...rule, latenessHours: 0 }, 'latenessHours'],
    ['an unknown field', { ...rule, when: 'now' }, ''],
  ])('refuses %s, and says where', (_, wrong, path) => {
    const parsed = RULE.safeParse(wrong);
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  it('adds up the parts of a duration', () => {
    expect(durationMs({ days: 1, hours: 1, minutes: 1, seconds: 1 })).toBe(90_061_000);
  });
});
