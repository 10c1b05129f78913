import type { Envelope } from '../../../kernel/event.js';
import type { Json, JsonObject } from '../../../kernel/json.js';
import { isDeeperThan } from '../../core/clean-properties.js';
import {
  type DecodedPayload,
  decodePayload,
  isEncrypted,
  type PayloadFailure,
} from '../../core/decode-payload.js';
import {
  countDrop,
  type DecodeLimits,
  type DecodeOutput,
  defineFormat,
  emptyOutput,
  type Inspection,
  rawPayload,
} from '../../core/format.js';
import { type Parameter, readRequest } from '../../core/read-request.js';
import { type RecordContext, toRecord } from '../../core/to-record.js';

/** Records deeper than this are kept as the request they came in: writing them out again would overflow the stack. */
const WRITABLE_DEPTH = 200;
const DEFAULT_PROJECT = 'default';

/** Requests of the SensorsData SDKs, Web, mobile, mini-program and server alike. */
export const sensorsDataFormat = defineFormat({
  source: 'sensorsdata',

  decode(envelope: Envelope, limits: DecodeLimits): DecodeOutput {
    return decodeEnvelope(envelope, limits, null);
  },

  inspect(envelope: Envelope, limits: DecodeLimits): Inspection {
    const parameters: JsonObject[] = [];
    const output = decodeEnvelope(envelope, limits, (parameter, payload) => {
      parameters.push(describeParameter(parameter, payload));
    });
    const errors = output.dead.map(({ reason, detail }) => ({ reason, detail }));
    const stages = { parameters, records: output.records, errors, dropped: output.dropped };
    // Through JSON, for a stage holds nothing that JSON cannot.
    return { valid: errors.length === 0, stages: JSON.parse(JSON.stringify(stages)) as JsonObject };
  },
});

type Watch = (parameter: Parameter, payload: DecodedPayload | PayloadFailure) => void;

function decodeEnvelope(envelope: Envelope, limits: DecodeLimits, watch: Watch | null): DecodeOutput {
  const output = emptyOutput();
  const request = readRequest(envelope, limits.inflatedBytes);
  if (request.kind === 'dead') {
    output.dead.push({ reason: request.reason, detail: request.detail, payload: rawPayload(envelope) });
    return output;
  }
  for (const parameter of request.parameters) {
    const payload = toPayload(parameter, limits);
    watch?.(parameter, payload);
    decodeParameter({ envelope, parameter, payload, limits, project: request.project }, output);
  }
  if (request.parameters.length === 0) {
    const detail = 'The request has neither data nor data_list.';
    output.dead.push({ reason: 'no_payload', detail, payload: rawPayload(envelope) });
  }
  return output;
}

function toPayload({ content, crc }: Parameter, limits: DecodeLimits): DecodedPayload | PayloadFailure {
  return content.kind === 'text'
    ? decodePayload(content.text, crc, limits.inflatedBytes)
    : { kind: 'ok', value: content.value, crc: 'absent', encoding: 'json', jsonLength: 0 };
}

interface ParameterInput {
  envelope: Envelope;
  parameter: Parameter;
  payload: DecodedPayload | PayloadFailure;
  limits: DecodeLimits;
  project: string | null;
}

function decodeParameter(
  { envelope, parameter, payload, limits, project }: ParameterInput,
  output: DecodeOutput,
): void {
  const asItCame = () => (parameter.from === 'query' ? Buffer.from(envelope.query) : envelope.body);
  if (payload.kind === 'dead') {
    output.dead.push({ reason: payload.reason, detail: payload.detail, payload: asItCame() });
    return;
  }
  if (payload.crc === 'mismatch') output.crcMismatches++;
  if (isEncrypted(payload.value)) {
    const detail = 'The payload is encrypted and there is no key for it.';
    output.dead.push({ reason: 'encrypted_without_key', detail, payload: asItCame() });
    return;
  }
  const records = Array.isArray(payload.value) ? payload.value : [payload.value];
  const context = toContext(envelope, project, payload);
  const room = Math.max(0, limits.recordsPerRequest - output.records.length - output.dead.length);
  for (let i = 0; i < records.length && i < room; i++)
    addRecord(records[i] ?? null, context, output, asItCame);
  if (records.length > room) {
    const detail = `${records.length - room} records are beyond the ${limits.recordsPerRequest} of one request.`;
    output.dead.push({ reason: 'too_many_records', detail, payload: asItCame() });
  }
}

function addRecord(raw: Json, context: RecordContext, output: DecodeOutput, asItCame: () => Buffer): void {
  const outcome = toRecord(raw, context);
  switch (outcome.kind) {
    case 'ok':
      output.records.push(outcome.record);
      if (outcome.refusedProperties > 0) countDrop(output, 'illegal_property', outcome.refusedProperties);
      return;
    case 'drop':
      countDrop(output, outcome.reason);
      return;
    case 'dead': {
      const payload = isDeeperThan(raw, WRITABLE_DEPTH) ? asItCame() : Buffer.from(JSON.stringify(raw));
      output.dead.push({ reason: outcome.reason, detail: outcome.detail, payload });
    }
  }
}

function toContext(envelope: Envelope, project: string | null, payload: DecodedPayload): RecordContext {
  return {
    projectId: envelope.projectId,
    receivedAt: envelope.receivedAt,
    // An empty name comes from a replay into a project that a person chose.
    projectSlug: project === '' ? null : (project ?? DEFAULT_PROJECT),
    hasCrcMismatch: payload.crc === 'mismatch',
    ip: envelope.ip,
  };
}

function describeParameter(parameter: Parameter, payload: DecodedPayload | PayloadFailure): JsonObject {
  const seen = {
    name: parameter.name,
    from: parameter.from,
    characters: parameter.content.kind === 'text' ? parameter.content.text.length : 0,
  };
  if (payload.kind === 'dead') return { ...seen, reason: payload.reason, detail: payload.detail };
  const recordCount = Array.isArray(payload.value) ? payload.value.length : 1;
  return {
    ...seen,
    crc: payload.crc,
    encoding: payload.encoding,
    jsonLength: payload.jsonLength,
    recordCount,
  };
}
