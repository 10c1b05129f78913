import { describe, expect, it } from '@jest/globals';
import type { NoFireReason } from '../../kernel/reasons.js';
import { HOUR_MS } from './rule.js';
import { type DueTimer, decideDueTimer } from './settle-timer.js';

const NOW = Date.UTC(2026, 0, 10);
const due: DueTimer = {
  dueAt: NOW,
  triggerState: 'active',
  lastFiredAt: null,
  rule: {
    version: 1,
    on: { event: 'View', where: [] },
    cooldown: { hours: 1 },
    latenessHours: 2,
    actions: [{ type: 'note' }],
  },
};

describe('a timer whose time is up', () => {
  it.each<[string, Partial<DueTimer>, NoFireReason | null]>([
    ['fires', {}, null],
    ['fires late, as long as the rule allows', { dueAt: NOW - 2 * HOUR_MS }, null],
    ['does not fire later than the rule allows', { dueAt: NOW - 2 * HOUR_MS - 1 }, 'too_late'],
    ['does not fire for a paused trigger', { triggerState: 'paused' }, 'trigger_disabled'],
    ['does not fire for an archived trigger', { triggerState: 'archived' }, 'trigger_disabled'],
    ['does not fire within the cooldown', { lastFiredAt: NOW - HOUR_MS + 1 }, 'cooldown'],
    ['fires when the cooldown is over', { lastFiredAt: NOW - HOUR_MS }, null],
  ])('%s', (_, changes, expected) => {
    expect(decideDueTimer({ ...due, ...changes }, NOW)).toBe(expected);
  });
});
