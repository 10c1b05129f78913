import type { Envelope } from '../../../kernel/event.js';
import type { Json, JsonObject } from '../../../kernel/json.js';
import { isDeeperThan } from '../../core/clean-properties.js';
import { type DecodedPayload, decodePayload, type PayloadFailure } from '../../core/decode-payload.js';
import { isEnvelope, openEnvelopes } from '../../core/encryption/open-envelopes.js';
import {
  countDrop,
  type DecodeContext,
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

  decode(envelope: Envelope, context: DecodeContext): DecodeOutput {
    return decodeEnvelope(envelope, context, null);
  },

  inspect(envelope: Envelope, context: DecodeContext): Inspection {
    const parameters: JsonObject[] = [];
    let isEncrypted = false;
    const output = decodeEnvelope(envelope, context, (parameter, payload) => {
      parameters.push(describeParameter(parameter, payload));
      isEncrypted ||= payload.kind === 'ok' && toEntries(payload).some(isEnvelope);
    });
    const errors = output.dead.map(({ reason, detail }) => (isEncrypted ? { reason } : { reason, detail }));
    // Anyone may ask: what came encrypted is not told to who may only have overheard it.
    const shown = isEncrypted ? { records: [], items: [] } : { records: output.records, items: output.items };
    const recordCount = output.records.length + output.items.length;
    const stages = { parameters, recordCount, ...shown, errors, dropped: output.dropped };
    // Through JSON, for a stage holds nothing that JSON cannot.
    return { valid: errors.length === 0, stages: JSON.parse(JSON.stringify(stages)) as JsonObject };
  },
});

type Watch = (parameter: Parameter, payload: DecodedPayload | PayloadFailure) => void;

function decodeEnvelope(envelope: Envelope, context: DecodeContext, watch: Watch | null): DecodeOutput {
  const output = emptyOutput();
  const request = readRequest(envelope, context.inflatedBytes);
  if (request.kind === 'dead') {
    output.dead.push({ reason: request.reason, detail: request.detail, payload: rawPayload(envelope) });
    return output;
  }
  for (const parameter of request.parameters) {
    const payload = toPayload(parameter, context);
    watch?.(parameter, payload);
    decodeParameter({ envelope, parameter, payload, context, project: request.project }, output);
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
  context: DecodeContext;
  project: string | null;
}

function decodeParameter(
  { envelope, parameter, payload, context, project }: ParameterInput,
  output: DecodeOutput,
): void {
  const asItCame = () => (parameter.from === 'query' ? Buffer.from(envelope.query) : envelope.body);
  if (payload.kind === 'dead') {
    output.dead.push({ reason: payload.reason, detail: payload.detail, payload: asItCame() });
    return;
  }
  if (payload.crc === 'mismatch') output.crcMismatches++;
  const entries = toEntries(payload);
  const records = entries.some(isEnvelope) ? open(entries, context, output, asItCame) : entries;
  const recordContext = toContext({ envelope, project, context }, payload);
  const taken = output.records.length + output.items.length + output.dead.length;
  const room = Math.max(0, context.recordsPerRequest - taken);
  for (let i = 0; i < records.length && i < room; i++)
    addRecord(records[i] ?? null, recordContext, output, asItCame);
  if (records.length > room) {
    const detail = `${records.length - room} records are beyond the ${context.recordsPerRequest} of one request.`;
    output.dead.push({ reason: 'too_many_records', detail, payload: asItCame() });
  }
}

function toEntries({ value }: DecodedPayload): Json[] {
  return Array.isArray(value) ? value : [value];
}

function open(
  entries: readonly Json[],
  context: DecodeContext,
  output: DecodeOutput,
  asItCame: () => Buffer,
): Json[] {
  const { records, failures } = openEnvelopes(entries, context.keys, context);
  for (const { reason, detail, payload } of failures) {
    output.dead.push({ reason, detail, payload: payload ?? asItCame() });
  }
  return records;
}

function addRecord(raw: Json, context: RecordContext, output: DecodeOutput, asItCame: () => Buffer): void {
  const outcome = toRecord(raw, context);
  switch (outcome.kind) {
    case 'ok':
      output.records.push(outcome.record);
      if (outcome.refusedProperties > 0) countDrop(output, 'illegal_property', outcome.refusedProperties);
      return;
    case 'item':
      output.items.push(outcome.item);
      if (outcome.refusedProperties > 0) countDrop(output, 'illegal_property', outcome.refusedProperties);
      return;
    case 'dead': {
      const payload = isDeeperThan(raw, WRITABLE_DEPTH) ? asItCame() : Buffer.from(JSON.stringify(raw));
      output.dead.push({ reason: outcome.reason, detail: outcome.detail, payload });
    }
  }
}

function toContext(
  { envelope, project, context }: Pick<ParameterInput, 'envelope' | 'project' | 'context'>,
  payload: DecodedPayload,
): RecordContext {
  return {
    projectId: envelope.projectId,
    receivedAt: envelope.receivedAt,
    // An empty name comes from a replay into a project that a person chose.
    projectSlug: project === '' ? null : (project ?? DEFAULT_PROJECT),
    hasCrcMismatch: payload.crc === 'mismatch',
    ip: envelope.ip,
    timeWindow: context.timeWindow,
  };
}

function describeParameter(parameter: Parameter, payload: DecodedPayload | PayloadFailure): JsonObject {
  const seen = {
    name: parameter.name,
    from: parameter.from,
    characters: parameter.content.kind === 'text' ? parameter.content.text.length : 0,
  };
  if (payload.kind === 'dead') return { ...seen, reason: payload.reason, detail: payload.detail };
  const entries = toEntries(payload);
  return {
    ...seen,
    crc: payload.crc,
    encoding: payload.encoding,
    jsonLength: payload.jsonLength,
    recordCount: entries.length,
    isEncrypted: entries.some(isEnvelope),
  };
}
