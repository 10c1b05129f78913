import type { Envelope } from '../../../kernel/event.js';
import { parseJson } from '../../../kernel/parse-json.js';
import { RESUMED_SOURCE } from '../../../kernel/resumption.js';
import { type DecodeOutput, defineFormat, emptyOutput, rawPayload } from '../../core/format.js';
import { readResumption } from './read-resumption.js';

/** Dead letters of steps behind `store`, replayed: the body is one `Resumption` as JSON. */
export const resumedFormat = defineFormat({
  source: RESUMED_SOURCE,

  decode(envelope: Envelope): DecodeOutput {
    const output = emptyOutput();
    const body = parseJson(envelope.body.toString());
    const resumption = body.kind === 'ok' ? readResumption(body.value, envelope.projectId) : null;
    if (resumption) output.resumed.push(resumption);
    else {
      const detail = 'This version cannot read what is to be done again; delete the letter.';
      output.dead.push({ reason: 'not_a_record', detail, payload: rawPayload(envelope) });
    }
    return output;
  },
});
