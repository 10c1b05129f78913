import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';
import { readJsonText } from '../../../kernel/json-body.js';
import { dead, type Failure } from '../../../kernel/outcome.js';

/** What a request holds, not looked at one by one yet. */
export interface Entries {
  kind: 'ok';
  items: Json[];
  /** Places of lines that are not JSON; their item is the text of the line. */
  brokenLines: ReadonlySet<number>;
  /** JSON Pointer to the whole list; null where the body is the one entry itself. */
  listPointer: string | null;
  /** Tag of the environment for every event of the request; null where there is none. */
  remark: string | null;
}

const WRAPPER_FIELDS: ReadonlySet<string> = new Set(['events', 'remark']);

/** Reads a body that is one entry, a list of them, `{ "events": [ … ], "remark"?: … }`, or one entry a line. */
export function readEntries(body: Buffer, limitBytes: number): Entries | Failure {
  const read = readJsonText(body, limitBytes);
  if (read.kind === 'dead') return read;
  const value = parse(read.text);
  if (value === undefined) return readLines(read.text);
  if (Array.isArray(value)) return listOf(value, '');
  if (!isJsonObject(value)) return dead('invalid_json', 'The body is no JSON object or list.');
  if (value['events'] === undefined) return listOf([value], null);
  return readWrapper(value);
}

function readWrapper(value: JsonObject): Entries | Failure {
  const { events, remark } = value;
  const unknown = Object.keys(value).find((field) => !WRAPPER_FIELDS.has(field));
  if (unknown !== undefined) return dead('unknown_field', 'Beside events a request has only a remark.');
  if (!Array.isArray(events)) return dead('invalid_value', 'The field events is a list.');
  if (remark !== undefined && typeof remark !== 'string')
    return dead('invalid_value', 'The remark is a text.');
  const entries = listOf(events, '/events');
  return entries.kind === 'ok' ? { ...entries, remark: remark || null } : entries;
}

function readLines(text: string): Entries | Failure {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const brokenLines = new Set<number>();
  const items = lines.map((line, index) => {
    const value = parse(line);
    if (value === undefined) brokenLines.add(index);
    return value ?? (value === null ? null : line);
  });
  if (brokenLines.has(0) || lines.length < 2) return dead('invalid_json', 'The body is not JSON.');
  return { kind: 'ok', items, brokenLines, listPointer: '', remark: null };
}

function listOf(items: Json[], listPointer: string | null): Entries | Failure {
  if (items.length === 0) return dead('no_payload', 'The request holds no record.');
  return { kind: 'ok', items, brokenLines: new Set(), listPointer, remark: null };
}

/** Undefined: it is not JSON. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
