import { toClickEffects, toOpenEffects } from './engagement-effects.js';

const AT = Date.UTC(2030, 0, 1, 12);
const MESSAGE = { projectId: 1, userId: 42, messageId: 'msg_1' };

describe('what a recipient sets off', () => {
  const click = {
    clickId: 7,
    clickedAt: AT,
    linkId: 'lnk_1',
    projectId: 1,
    userId: 42,
    messageId: 'msg_1',
    campaignId: 'cmp_1',
    targetUrl: 'https://example.org/',
  };

  it('a click is an event of that user, and a click in the ledger', () => {
    expect(toClickEffects(click)).toEqual([
      {
        kind: 'record_event',
        projectId: 1,
        userId: 42,
        event: '$LinkClicked',
        time: AT,
        dedupeKey: 'click.lnk_1.7',
        properties: {
          link_id: 'lnk_1',
          message_id: 'msg_1',
          campaign_id: 'cmp_1',
          url: 'https://example.org/',
        },
      },
      { kind: 'record_engagement', projectId: 1, messageId: 'msg_1', engagement: 'clicked', at: AT },
    ]);
  });

  it('a message of no campaign names none', () => {
    const [event] = toClickEffects({ ...click, campaignId: null });
    expect(event).toMatchObject({ properties: { link_id: 'lnk_1', message_id: 'msg_1' } });
    expect(JSON.stringify(event)).not.toContain('campaign_id');
  });

  it('a message to an address of nobody known reaches the ledger, and no timeline', () => {
    expect(toClickEffects({ ...click, userId: 0 }).map(({ kind }) => kind)).toEqual(['record_engagement']);
    const open = toOpenEffects({ ...MESSAGE, userId: 0 }, { at: AT, isMachine: false });
    expect(open.map(({ kind }) => kind)).toEqual(['record_engagement']);
  });

  it('an opening by a person is an event, and an opening in the ledger', () => {
    const effects = toOpenEffects(MESSAGE, { at: AT, isMachine: false });
    expect(effects.map(({ kind }) => kind)).toEqual(['record_event', 'record_engagement']);
    expect(effects[0]).toMatchObject({ event: '$MessageOpened', properties: { is_machine: false } });
  });

  it('an opening by a machine is an event only', () => {
    const effects = toOpenEffects(MESSAGE, { at: AT, isMachine: true });
    expect(effects).toHaveLength(1);
    expect(effects[0]).toMatchObject({ event: '$MessageOpened', properties: { is_machine: true } });
  });

  it.each([
    ['the same minute is one opening', AT, AT + 59_999, true],
    ['the next minute is another', AT, AT + 60_000, false],
  ])('%s', (_case, first, second, same) => {
    const keyAt = (at: number) => {
      const [event] = toOpenEffects(MESSAGE, { at, isMachine: false });
      return event?.kind === 'record_event' ? event.dedupeKey : '';
    };
    expect(keyAt(first) === keyAt(second)).toBe(same);
  });
});
