import type { Envelope } from '../../../kernel/event.js';
import { REFUSED_SOURCE, readRefusal } from '../../../kernel/refusal.js';
import { type DecodeOutput, defineFormat, emptyOutput } from '../../core/format.js';

/** Requests that collect did not take in, such as one with a wrong token: each is a dead letter. */
export const refusedFormat = defineFormat({
  source: REFUSED_SOURCE,

  decode(envelope: Envelope): DecodeOutput {
    const refusal = readRefusal(envelope);
    const payload = envelope.body.length > 0 ? envelope.body : Buffer.from(refusal.query);
    const output = emptyOutput();
    output.dead.push({ reason: refusal.reason, detail: refusal.detail, payload });
    return output;
  },

  letterSource: (envelope) => readRefusal(envelope).source,
});
