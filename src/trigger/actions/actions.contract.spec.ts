import { describe, expect, it } from '@jest/globals';
import { createRuleSchema } from '../core/rule.js';
import { findRegistryFault, type TriggerMatch } from '../core/trigger-action.js';
import { TRIGGER_ACTIONS } from './index.js';
import { webhook } from './webhook/webhook.action.js';

const RULE = createRuleSchema(TRIGGER_ACTIONS);
const MATCH: TriggerMatch = {
  projectId: 3,
  userId: 7,
  trigger: { id: 'trg_1', name: 'Come back', version: 2 },
  event: { eventId: 'e1', name: 'View', time: 1_000, receivedAt: 2_000, properties: { product: 'p1' } },
  dedupeKey: 'trigger:trg_1:e1:0',
};

describe('the registered actions', () => {
  it('have one name each', () => {
    expect(findRegistryFault(TRIGGER_ACTIONS)).toBeNull();
  });

  it.each([
    ['two of one name', [webhook, webhook], 'Two trigger actions have the name webhook: rename one.'],
    ['a blank name', [{ ...webhook, name: '' }], 'A trigger action has the name ""'],
  ])('are refused with %s', (_, actions, expected) => {
    expect(findRegistryFault(actions)).toContain(expected);
  });
});

describe.each(TRIGGER_ACTIONS.map((action) => [action.name, action] as const))(
  'the action %s',
  (name, action) => {
    const params = action.params.parse(action.example);
    const plan = (match = MATCH) => action.plan(match, params);

    it('may stand in a rule with its example', () => {
      const rule = { version: 1, on: { event: 'View' }, actions: [{ type: name, ...action.example }] };
      expect(RULE.safeParse(rule).error).toBeUndefined();
    });

    it('refuses a parameter that it does not know', () => {
      expect(action.params.safeParse({ ...action.example, surprise: 1 }).success).toBe(false);
    });

    it('asks for something, for the user and project of the match', () => {
      const effects = plan();
      expect(effects.length).toBeGreaterThan(0);
      for (const effect of effects) expect(effect).toMatchObject({ projectId: 3, userId: 7 });
    });

    it('asks for the same each time, with keys of its own', () => {
      const keys = plan().map((effect) => ('dedupeKey' in effect ? effect.dedupeKey : ''));
      expect(plan()).toEqual(plan());
      expect(new Set(keys).size).toBe(keys.length);
      for (const key of keys) expect(key.startsWith(MATCH.dedupeKey)).toBe(true);
      const other = plan({ ...MATCH, dedupeKey: 'trigger:trg_1:e2:0' });
      expect(other).not.toEqual(plan());
    });

    it('asks for plain JSON', () => {
      expect(JSON.parse(JSON.stringify(plan()))).toEqual(plan());
    });

    it('leaves the match as it was', () => {
      const before = structuredClone(MATCH);
      plan();
      expect(MATCH).toEqual(before);
    });
  },
);

describe('a webhook address', () => {
  it.each([
    ['https://hooks.example.com/a?b=1', true],
    ['http://192.0.2.7:8080/', true],
    ['ftp://example.com/', false],
    ['javascript:alert(1)', false],
    ['https://user:secret@example.com/', false],
    ['/relative', false],
    ['', false],
  ])('%s is accepted: %s', (url, accepted) => {
    expect(webhook.params.safeParse({ url }).success).toBe(accepted);
  });
});
