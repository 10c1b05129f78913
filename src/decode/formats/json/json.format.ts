import type { Envelope } from '../../../kernel/event.js';
import type { Json } from '../../../kernel/json.js';
import { dead } from '../../../kernel/outcome.js';
import { type DecodeContext, type DecodeOutput, defineFormat } from '../../core/format.js';
import { type ItemOutcome, readItems, unreadable } from '../../core/read-items.js';
import { addRemark } from '../../core/remark.js';
import { type Entries, readEntries } from './read-entries.js';
import { type EntryContext, readEntry } from './read-entry.js';

/** Name under which collect keeps the header of that name in the query. */
const IDEMPOTENCY_KEY = 'idempotency-key';

/** Our own plain JSON API. Every record that is refused says where it stands, for its client reads the answer. */
export const jsonFormat = defineFormat({
  source: 'json',

  decode(envelope: Envelope, context: DecodeContext): DecodeOutput {
    const entries = readEntries(envelope.body, context.inflatedBytes);
    if (entries.kind === 'dead') return unreadable(envelope, entries);
    const idempotencyKey = new URLSearchParams(envelope.query).get(IDEMPOTENCY_KEY);
    const { projectId, receivedAt } = envelope;
    const { timeWindow } = context;
    const output = readItems(entries.items, { envelope, limits: context }, (item, index) =>
      readItem(item, entries, { projectId, receivedAt, timeWindow, idempotencyKey, index }),
    );
    return addRemark(output, entries.remark);
  },
});

function readItem(item: Json, { brokenLines, listPointer }: Entries, context: EntryContext): ItemOutcome {
  const outcome = brokenLines.has(context.index)
    ? { ...dead('invalid_json', 'The line is not JSON.'), pointer: '' }
    : readEntry(item, context);
  if (outcome.kind === 'ok') return outcome;
  const place = listPointer === null ? '' : `${listPointer}/${context.index}`;
  return { ...outcome, pointer: `${place}${outcome.pointer ?? ''}` };
}
