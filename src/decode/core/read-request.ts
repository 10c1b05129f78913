import type { Envelope } from '../../kernel/event.js';
import { inflate } from '../../kernel/inflate.js';
import { isJsonObject, type Json } from '../../kernel/json.js';
import { dead } from '../../kernel/outcome.js';
import { parseJson } from '../../kernel/parse-json.js';
import type { PayloadFailure } from './decode-payload.js';
import { decodeText } from './decode-text.js';
import { type FormValues, parseForm } from './parse-form.js';
import { parseMultipart } from './parse-multipart.js';

/** One payload of a request, not decoded yet. */
export interface Parameter {
  name: 'data' | 'data_list' | 'body';
  from: 'query' | 'body';
  /** Text as a form carries it, or a JSON value that needs no decoding. */
  content: { kind: 'text'; text: string } | { kind: 'value'; value: Json };
  crc: number | null;
}

export interface ReadRequest {
  kind: 'ok';
  parameters: Parameter[];
  /** Slug in the query; null where none is named. */
  project: string | null;
}

const PAYLOAD_NAMES = ['data', 'data_list'] as const;
const GZIP_MAGIC = 0x1f8b;

/**
 * Finds the payloads of a request in its query and its body. The content type is not asked: SDKs send forms as
 * `text/plain` or with none at all. A body may also be JSON: `{"data": …}`, `{"data_list": …}`, a record or an array.
 *
 * @returns a failure where the body itself cannot be read; no parameters where the request has no payload
 * Source: SensorsData SDKs; JSON and multipart bodies are a kindness to hand-written clients.
 */
export function readRequest(
  envelope: Pick<Envelope, 'query' | 'body'>,
  inflatedLimitBytes: number,
): ReadRequest | PayloadFailure {
  const query = parseForm(envelope.query);
  const parameters = toParameters(query, 'query');
  if (envelope.body.length > 0) {
    const inBody = readBody(envelope.body, inflatedLimitBytes);
    if (!Array.isArray(inBody)) return inBody;
    parameters.push(...inBody);
  }
  return { kind: 'ok', parameters, project: query.project ?? null };
}

function readBody(body: Buffer, limitBytes: number): Parameter[] | PayloadFailure {
  const isPacked = body.length > 1 && body.readUInt16BE(0) === GZIP_MAGIC;
  const bytes = isPacked ? inflate(body, limitBytes) : body;
  if (!Buffer.isBuffer(bytes)) return bytes;
  const decoded = decodeText(bytes);
  // What means something in a form is ASCII, whatever stands beside it.
  const text = decoded ?? bytes.toString('latin1');
  const trimmed = /^[\s\uFEFF]*(\{|\[|--)/.exec(text.slice(0, 64))?.[1];
  if (trimmed === '{' || trimmed === '[') {
    return decoded === null ? dead('invalid_json', 'The body is not UTF-8.') : readJsonBody(decoded);
  }
  if (trimmed === '--') return toParameters(parseMultipart(text), 'body');
  return toParameters(parseForm(text), 'body');
}

function readJsonBody(text: string): Parameter[] | PayloadFailure {
  const parsed = parseJson(text);
  if (parsed.kind === 'dead') return parsed;
  const fields = parsed.value;
  if (!isJsonObject(fields)) return [valueParameter('body', fields)];
  const named = PAYLOAD_NAMES.filter((name) => Object.hasOwn(fields, name));
  if (named.length === 0) return [valueParameter('body', fields)];
  return named.map((name) => {
    const field = fields[name] ?? null;
    if (typeof field !== 'string') return valueParameter(name, field);
    return {
      name,
      from: 'body',
      content: { kind: 'text', text: field },
      crc: toCrc(String(fields['crc'] ?? '')),
    };
  });
}

function valueParameter(name: Parameter['name'], value: Json): Parameter {
  return { name, from: 'body', content: { kind: 'value', value }, crc: null };
}

function toParameters(values: FormValues, from: Parameter['from']): Parameter[] {
  // The Web SDK wraps the checksum: ext=crc%3D123.
  const ext = values.ext === undefined ? undefined : /(?:^|&)crc=(-?\d{1,10})/.exec(values.ext)?.[1];
  const crc = toCrc(values.crc ?? ext ?? '');
  const parameters: Parameter[] = [];
  for (const name of PAYLOAD_NAMES) {
    const text = values[name];
    if (text !== undefined && text !== '')
      parameters.push({ name, from, content: { kind: 'text', text }, crc });
  }
  return parameters;
}

function toCrc(text: string): number | null {
  return /^-?\d{1,10}$/.test(text) ? Number(text) : null;
}
