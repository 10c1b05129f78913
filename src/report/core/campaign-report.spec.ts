import type { MessageCounts } from '../../deliver/contract.js';
import { toCampaignFigures } from './campaign-report.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2030, 0, 10);
const AT = { windowMs: 7 * DAY, nowMs: NOW };
const NOBODY = { reached: 0, returned: 0, lastSentAt: null };
const someCounts = (change: Partial<MessageCounts> = {}): MessageCounts => ({
  byState: { accepted: 8, held: 3, queued: 2, sending: 1, rejected: 1, failed: 1, unknown: 1, cancelled: 3 },
  heldByReason: { no_address: 2, control_group: 1 },
  opened: 4,
  clicked: 2,
  ...change,
});

describe('the report of a campaign', () => {
  it('says what became of every planned message', () => {
    const figures = toCampaignFigures(someCounts(), { reached: 8, returned: 2, lastSentAt: NOW - DAY }, AT);
    expect(figures).toMatchObject({
      planned: 20,
      sent: 8,
      held: { total: 3, byReason: { no_address: 2, control_group: 1 } },
      underWay: 3,
      rejected: 1,
      failed: 1,
      unknown: 1,
      cancelled: 3,
      opened: 4,
      clicked: 2,
      rates: { sent: 0.4, opened: 0.5, clicked: 0.25, returned: 0.25 },
    });
    expect(figures.conservation).toMatchObject({ isConserved: true, planned: 20, accountedFor: 20 });
  });

  it('knows no rate where there is nothing to divide by', () => {
    const counts = someCounts({ byState: {}, heldByReason: {}, opened: 0, clicked: 0 });
    expect(toCampaignFigures(counts, NOBODY, AT).rates).toEqual({
      sent: null,
      opened: null,
      clicked: null,
      returned: null,
    });
  });

  it.each([
    ['nothing was sent', null, null, false],
    ['the newest window is open', NOW - 6 * DAY, NOW + DAY, false],
    ['the newest window ends now', NOW - 7 * DAY, NOW, true],
  ])('says whether more may return: %s', (_case, lastSentAt, closesAt, isFinal) => {
    const { returned } = toCampaignFigures(someCounts(), { reached: 1, returned: 0, lastSentAt }, AT);
    expect(returned).toMatchObject({ closesAt, isFinal });
  });

  it.each([
    ['a held message without a reason', { heldByReason: { no_address: 2 } }],
    ['a message in a state that nobody knows', { byState: { held: 3, lost: 1 } }],
  ])('does not add up: %s', (_case, change) => {
    const counts = someCounts(change as Partial<MessageCounts>);
    expect(toCampaignFigures(counts, NOBODY, AT).conservation.isConserved).toBe(false);
  });
});
