/** What an ONNX file says of itself, as far as it is looked at before anything runs it. */
export interface OnnxSummary {
  irVersion: number;
  /** Version of each set of operators, by domain; '' is ONNX's own. */
  opsets: Map<string, number>;
  /** `domain.type` of the operators that are of neither ONNX's own domain nor that of its classical models. */
  customOperators: string[];
  /** Whether weights lie in other files. */
  hasExternalData: boolean;
}

/** The file is not one of ONNX; the message is for people. */
export class NotOnnx extends Error {}

const OWN_DOMAINS = ['', 'ai.onnx', 'ai.onnx.ml'];
/** Subgraphs of loops and branches lie in one another. */
const MAX_NESTING = 64;

/**
 * Reads the parts of a model that say whether it may be run. Weights are not looked at, so that it costs little.
 *
 * Source: onnx.proto3 of ONNX 1.18, field numbers of ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto and
 * FunctionProto; Protocol Buffers, "Encoding".
 * @throws NotOnnx
 */
export function readOnnx(file: Uint8Array): OnnxSummary {
  const summary: OnnxSummary = {
    irVersion: 0,
    opsets: new Map(),
    customOperators: [],
    hasExternalData: false,
  };
  let hasGraph = false;
  for (const { number, value, bytes } of fieldsOf(file)) {
    if (number === 1) summary.irVersion = value;
    if (number === 7 && bytes) {
      hasGraph = true;
      readGraph(bytes, summary, 0);
    }
    if (number === 8 && bytes) readOpset(bytes, summary);
    if (number === 25 && bytes) readFunction(bytes, summary);
  }
  if (!hasGraph || summary.irVersion === 0) throw new NotOnnx('The file has no graph: it is no ONNX model.');
  return { ...summary, customOperators: [...new Set(summary.customOperators)].sort() };
}

function readOpset(bytes: Uint8Array, summary: OnnxSummary): void {
  let domain = '';
  let version = 0;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.bytes) domain = toText(field.bytes);
    if (field.number === 2) version = field.value;
  }
  summary.opsets.set(domain, version);
}

function readFunction(bytes: Uint8Array, summary: OnnxSummary): void {
  for (const field of fieldsOf(bytes))
    if (field.number === 7 && field.bytes) readNode(field.bytes, summary, 0);
}

function readGraph(bytes: Uint8Array, summary: OnnxSummary, depth: number): void {
  if (depth > MAX_NESTING) throw new NotOnnx(`Graphs lie in one another more than ${MAX_NESTING} deep.`);
  for (const field of fieldsOf(bytes)) {
    if (!field.bytes) continue;
    if (field.number === 1) readNode(field.bytes, summary, depth);
    if (field.number === 5) readTensor(field.bytes, summary);
    // SparseTensorProto: values and indices are tensors.
    if (field.number === 15) readInner(field.bytes, summary);
  }
}

function readNode(bytes: Uint8Array, summary: OnnxSummary, depth: number): void {
  let type = '';
  let domain = '';
  for (const field of fieldsOf(bytes)) {
    if (!field.bytes) continue;
    if (field.number === 4) type = toText(field.bytes);
    if (field.number === 7) domain = toText(field.bytes);
    if (field.number === 5) readAttribute(field.bytes, summary, depth);
  }
  if (!OWN_DOMAINS.includes(domain)) summary.customOperators.push(`${domain}.${type}`);
}

function readAttribute(bytes: Uint8Array, summary: OnnxSummary, depth: number): void {
  for (const field of fieldsOf(bytes)) {
    if (!field.bytes) continue;
    if (field.number === 5 || field.number === 10) readTensor(field.bytes, summary);
    if (field.number === 6 || field.number === 11) readGraph(field.bytes, summary, depth + 1);
    if (field.number === 22 || field.number === 23) readInner(field.bytes, summary);
  }
}

function readInner(bytes: Uint8Array, summary: OnnxSummary): void {
  for (const field of fieldsOf(bytes)) if (field.number <= 2 && field.bytes) readTensor(field.bytes, summary);
}

function readTensor(bytes: Uint8Array, summary: OnnxSummary): void {
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 13 || (number === 14 && value === 1)) summary.hasExternalData = true;
  }
}

interface Field {
  number: number;
  /** A whole number; 0 where the field is none. */
  value: number;
  /** What a field of variable length holds. */
  bytes: Uint8Array | null;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const readNumber = (): number => {
    let result = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new NotOnnx('The file ends in the middle: it is no ONNX model.');
      result += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return result;
    }
    throw new NotOnnx('The file holds a number that is too long: it is no ONNX model.');
  };
  while (at < bytes.length) {
    const key = readNumber();
    const number = Math.floor(key / 8);
    const type = key % 8;
    if (type === 0) yield { number, value: readNumber(), bytes: null };
    else if (type === 2) {
      const length = readNumber();
      if (at + length > bytes.length) throw new NotOnnx('The file ends in the middle: it is no ONNX model.');
      at += length;
      yield { number, value: 0, bytes: bytes.subarray(at - length, at) };
    } else if (type === 1 || type === 5) {
      at += type === 1 ? 8 : 4;
      yield { number, value: 0, bytes: null };
    } else throw new NotOnnx('The file is no ONNX model.');
  }
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
