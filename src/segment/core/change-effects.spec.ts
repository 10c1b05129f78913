import { type ToldBatch, toChangeEffects } from './change-effects.js';
import { toChangeRecords } from './change-records.js';
import { CHANGE_SETTINGS, toChangeTargets } from './change-settings.js';

const BATCH: ToldBatch = {
  id: 7,
  segmentId: 'seg_1',
  projectId: 1,
  version: 3,
  source: 'live',
  runId: null,
  at: new Date('2026-03-10T12:00:00Z'),
  doesRecord: true,
  webhookUrl: 'https://hooks.example.com/changes',
  doesStream: false,
};
const CHANGES = [
  { userId: 4, isEntry: true },
  { userId: 9, isEntry: false },
];

describe('The effects of changes of membership', () => {
  it('are an event of each user, and one call for all of them', () => {
    const effects = toChangeEffects(BATCH, 'payers', CHANGES);
    expect(effects.map(({ kind }) => kind)).toEqual(['record_event', 'record_event', 'call_webhook']);
    expect(effects[0]).toMatchObject({
      userId: 4,
      event: '$SegmentEntered',
      time: BATCH.at.getTime(),
      properties: { segment_id: 'seg_1', segment_version: 3 },
    });
    expect(effects[1]).toMatchObject({ userId: 9, event: '$SegmentExited' });
    expect(effects[2]).toMatchObject({
      url: BATCH.webhookUrl,
      body: {
        segment: { id: 'seg_1', name: 'payers', version: 3 },
        changes: [
          { userId: 'usr_4', change: 'entered' },
          { userId: 'usr_9', change: 'exited' },
        ],
      },
    });
  });

  it('have the same keys each time, and other ones for every change', () => {
    const keys = () =>
      toChangeEffects(BATCH, 'payers', CHANGES).map((effect) => 'dedupeKey' in effect && effect.dedupeKey);
    expect(keys()).toEqual(keys());
    expect(new Set(keys()).size).toBe(3);
    const next = toChangeEffects({ ...BATCH, id: 8 }, 'payers', CHANGES);
    expect(next.some((effect) => 'dedupeKey' in effect && keys().includes(effect.dedupeKey))).toBe(false);
  });

  it('name the run that found them', () => {
    const [event] = toChangeEffects({ ...BATCH, source: 'run', runId: 'run_1' }, 'payers', CHANGES);
    expect(event).toMatchObject({ properties: { run_id: 'run_1' } });
  });

  it('are none where the segment asks for none, or nothing changed', () => {
    expect(toChangeEffects({ ...BATCH, doesRecord: false, webhookUrl: null }, 'payers', CHANGES)).toEqual([]);
    expect(toChangeEffects(BATCH, 'payers', [])).toEqual([]);
  });
});

describe('The records of changes', () => {
  it('are one a change, by the key of its user', () => {
    const records = toChangeRecords(BATCH, { project: 'shop', segment: 'payers' }, CHANGES);
    expect(records.map(({ key, timeMs }) => [key, timeMs])).toEqual([
      ['usr_4', BATCH.at.getTime()],
      ['usr_9', BATCH.at.getTime()],
    ]);
    expect(JSON.parse(records[1]?.value ?? '')).toEqual({
      id: 'seg_1.7.usr_9',
      project: 'shop',
      segment: { id: 'seg_1', name: 'payers', version: 3 },
      source: 'live',
      runId: null,
      at: '2026-03-10T12:00:00.000Z',
      userId: 'usr_9',
      change: 'exited',
    });
  });
});

describe('The settings of changes', () => {
  it('say who is told', () => {
    expect(toChangeTargets(null)).toEqual({ doesRecord: false, webhookUrl: null, doesStream: false });
    expect(toChangeTargets(CHANGE_SETTINGS.parse({ kafkaTopic: 'rekindle.segments' })).doesStream).toBe(true);
  });

  it.each(['', 'a/b', 'topic name', 'x'.repeat(250)])('refuse the topic %j', (kafkaTopic) => {
    expect(CHANGE_SETTINGS.safeParse({ kafkaTopic }).success).toBe(false);
  });

  it('record and call nothing unless asked to', () => {
    expect(CHANGE_SETTINGS.parse({})).toEqual({ record: false, webhookUrl: null, kafkaTopic: null });
  });

  it.each(['ftp://example.com', 'https://user:secret@example.com', 'example.com'])(
    'refuse the address %s',
    (webhookUrl) => {
      expect(CHANGE_SETTINGS.safeParse({ webhookUrl }).success).toBe(false);
    },
  );
});
