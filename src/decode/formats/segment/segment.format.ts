import type { Envelope } from '../../../kernel/event.js';
import { isJsonObject } from '../../../kernel/json.js';
import { readJsonBody } from '../../../kernel/json-body.js';
import { dead } from '../../../kernel/outcome.js';
import { type DecodeContext, type DecodeOutput, defineFormat } from '../../core/format.js';
import { readItems, unreadable } from '../../core/read-items.js';
import { type CallContext, readCall } from './read-call.js';

/** Calls of the Segment HTTP API: one, or a `batch` of them. */
export const segmentFormat = defineFormat({
  source: 'segment',

  decode(envelope: Envelope, context: DecodeContext): DecodeOutput {
    const read = readJsonBody(envelope.body, context.inflatedBytes);
    if (read.kind === 'dead') return unreadable(envelope, read);
    const { value } = read;
    if (!isJsonObject(value)) {
      return unreadable(envelope, dead('not_a_record', 'The body is not a JSON object.'));
    }
    const batch = value['batch'];
    const callContext: CallContext = {
      projectId: envelope.projectId,
      receivedAt: envelope.receivedAt,
      timeWindow: context.timeWindow,
      ip: envelope.ip,
      sentAt: value['sentAt'],
      context: Array.isArray(batch) && isJsonObject(value['context']) ? value['context'] : {},
    };
    const calls = Array.isArray(batch) ? batch : [value];
    return readItems(calls, { envelope, limits: context }, (call) => readCall(call, callContext));
  },
});
