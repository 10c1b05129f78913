import type { Json } from '../../../kernel/json.js';
import { EMPTY_KEY_RING } from '../../core/encryption/key-ring.js';
import { resumedFormat } from './resumed.format.js';

const decode = (body: Json) =>
  resumedFormat.decode(
    {
      source: 'resumed',
      projectId: 3,
      receivedAt: 0,
      ip: '',
      userAgent: '',
      query: '',
      body: Buffer.from(JSON.stringify(body)),
    },
    {
      keys: EMPTY_KEY_RING,
      timeWindow: { lateMs: 0, futureMs: 0 },
      inflatedBytes: 1,
      recordsPerRequest: 1,
    },
  );
const record = {
  eventId: '0'.repeat(32),
  projectId: 3,
  type: 'track',
  event: 'Seen',
  distinctId: 'd',
  identities: {},
  originalId: null,
  time: 1,
  clientTime: null,
  receivedAt: 2,
  source: '',
  properties: { a: [1] },
  userId: 7,
};
const message = {
  kind: 'request_message',
  projectId: 3,
  userId: 7,
  templateId: 't',
  channel: 'email',
  origin: 'trg_1',
  dedupeKey: 'trigger:1',
  variables: {},
};

describe('a dead letter of a step', () => {
  it.each<[string, Json]>([
    ['a record of the step trigger', { step: 'trigger', record }],
    ['a record of the step attribute', { step: 'attribute', record }],
    ['a message', { step: 'effects', effect: message }],
    ['a merge of profiles', { step: 'profile', merge: { id: 1, projectId: 3, from: 7, into: 8 } }],
  ])('is read: %s', (_, body) => {
    expect(decode(body)).toMatchObject({ records: [], resumed: [body], dead: [] });
  });

  it('belongs to the project that it is kept in', () => {
    expect(decode({ step: 'trigger', record: { ...record, projectId: 9 } }).resumed).toEqual([
      { step: 'trigger', record },
    ]);
  });

  it.each<[string, Json]>([
    ['a step that there is not', { step: 'store', record }],
    ['a record without its user', { step: 'trigger', record: { ...record, userId: null } }],
    ['an effect that there is not', { step: 'effects', effect: { ...message, kind: 'toString' } }],
    ['an effect without its key', { step: 'effects', effect: { ...message, dedupeKey: 1 } }],
    ['something else', [1]],
  ])('that this version cannot read stays one: %s', (_, body) => {
    const { resumed, dead } = decode(body);
    expect(resumed).toEqual([]);
    expect(dead).toMatchObject([{ reason: 'not_a_record', payload: Buffer.from(JSON.stringify(body)) }]);
  });
});
