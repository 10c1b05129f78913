export const CAMPAIGN_STATES = ['draft', 'active', 'paused', 'stopped', 'completed'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

export const CAMPAIGN_ACTIONS = ['activate', 'pause', 'resume', 'stop'] as const;
export type CampaignAction = (typeof CAMPAIGN_ACTIONS)[number];

const MOVES: Record<CampaignAction, { from: readonly CampaignState[]; to: CampaignState }> = {
  activate: { from: ['draft'], to: 'active' },
  pause: { from: ['active'], to: 'paused' },
  resume: { from: ['paused'], to: 'active' },
  stop: { from: ['draft', 'active', 'paused'], to: 'stopped' },
};

/** Settings that decide who gets a campaign: changing them under way would mix two campaigns in one report. */
const FIXED_AFTER_DRAFT = [
  'segmentId',
  'channel',
  'schedule',
  'sendAt',
  'reentry',
  'controlPercent',
] as const;

/** What an action makes of a state; null where it does not apply. */
export function decideMove(state: CampaignState, action: CampaignAction): CampaignState | null {
  return MOVES[action].from.includes(state) ? MOVES[action].to : null;
}

/** Which of the settings may not be changed in a state; empty where all may. */
export function findFixed(state: CampaignState, changed: readonly string[]): string[] {
  if (state === 'draft') return [];
  if (state === 'stopped' || state === 'completed') return [...changed];
  return changed.filter((name) => FIXED_AFTER_DRAFT.some((fixed) => fixed === name));
}
