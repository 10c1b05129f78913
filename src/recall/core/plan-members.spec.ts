import type { JsonObject } from '../../kernel/json.js';
import type { Campaign } from './campaign.js';
import { type PlanContext, planMembers, toDedupeKey } from './plan-members.js';

const NOW = Date.UTC(2026, 2, 1, 12);

function aCampaign(changes: Partial<Campaign> = {}): Campaign {
  return {
    id: 'cmp_1',
    projectId: 1,
    name: 'Win back',
    segmentId: 'seg_1',
    templateId: 'tpl_1',
    channel: 'email',
    state: 'active',
    schedule: 'on_segment_run',
    sendAt: null,
    reentry: 'once',
    frequencyCap: null,
    controlPercent: 0,
    returnWindowHours: 72,
    sendWindow: null,
    sender: null,
    variables: { coupon: 'X' },
    requestedRunId: null,
    createdAt: NOW,
    updatedAt: NOW,
    activatedAt: NOW,
    ...changes,
  };
}

function plan(changes: Partial<Campaign>, properties: JsonObject | null, userId = 7) {
  const context: PlanContext = {
    campaign: aCampaign(changes),
    planRunId: 'pln_1',
    segmentRunId: 'run_1',
    templateVersion: 3,
    addressProperty: 'email',
    timeZone: 'UTC',
    now: NOW,
  };
  const profiles = new Map(properties === null ? [] : [[userId, { properties }]]);
  return planMembers(context, [userId], profiles)[0];
}

const REACHABLE = { email: ' ann@example.com ' };

describe('planMembers', () => {
  it('makes a message out of a member', () => {
    expect(plan({ frequencyCap: { limit: 2, windowDays: 7 } }, REACHABLE)).toEqual({
      projectId: 1,
      userId: 7,
      channel: 'email',
      address: 'ann@example.com',
      templateId: 'tpl_1',
      templateVersion: 3,
      campaignId: 'cmp_1',
      planRunId: 'pln_1',
      origin: 'cmp_1',
      dedupeKey: 'campaign:cmp_1:7',
      variables: { coupon: 'X' },
      holdReason: null,
      sendAt: NOW,
      frequencyCap: { limit: 2, windowMs: 7 * 24 * 3_600_000 },
    });
  });

  it.each([
    ['without a profile there is no address', null, null],
    ['without the property there is no address', { name: 'Ann' }, null],
    ['blank text is no address', { email: '  ' }, null],
    ['a list is no address', { email: ['ann@example.com'] }, null],
    ['a number may be a phone', { email: 1234 }, '1234'],
  ])('%s', (_sentence, properties, expected) => {
    expect(plan({}, properties)?.address).toBe(expected);
  });

  it('holds the control group, and only those who could have been reached', () => {
    const users = Array.from({ length: 200 }, (_unused, index) => index + 1);
    const held = users.filter(
      (userId) => plan({ controlPercent: 50 }, REACHABLE, userId)?.holdReason === 'control_group',
    );
    expect(held.length).toBeGreaterThan(60);
    expect(held.length).toBeLessThan(140);
    expect(held.every((userId) => plan({ controlPercent: 50 }, {}, userId)?.holdReason === null)).toBe(true);
  });

  it('waits for the send window and for the moment of the campaign', () => {
    const window = { from: '18:00', to: '20:00' };
    expect(plan({ sendWindow: window }, REACHABLE)?.sendAt).toBe(Date.UTC(2026, 2, 1, 18));
    const sendAt = Date.UTC(2026, 2, 1, 19, 30);
    expect(plan({ sendWindow: window, sendAt }, REACHABLE)?.sendAt).toBe(sendAt);
  });
});

describe('toDedupeKey', () => {
  it.each([
    ['once ever', 'once', 'campaign:cmp_1:7'],
    ['once a run', 'every_run', 'campaign:cmp_1:run_1:7'],
    ['once a run of those it may enter', { afterDays: 3 }, 'campaign:cmp_1:run_1:7'],
  ] as const)('%s', (_sentence, reentry, expected) => {
    expect(toDedupeKey({ id: 'cmp_1', reentry }, 'run_1', 7)).toBe(expected);
  });
});
