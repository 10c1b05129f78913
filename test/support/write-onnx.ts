/**
 * Writes small ONNX models, so that every model a test uses is made where it is used, and can be computed by hand.
 * Source: onnx.proto3 of ONNX 1.18; Protocol Buffers, "Encoding".
 */

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;

interface OnnxNode {
  type: string;
  inputs: string[];
  outputs: string[];
  domain?: string;
  attributes?: Uint8Array[];
}

interface OnnxModel {
  nodes: OnnxNode[];
  inputs: { name: string; shape: (number | string)[] }[];
  outputs: { name: string; shape: (number | string)[] }[];
  weights?: Uint8Array[];
  opset?: number;
  domains?: string[];
}

export function writeOnnx({
  nodes,
  inputs,
  outputs,
  weights = [],
  opset = 13,
  domains = [],
}: OnnxModel): Buffer {
  const graph = message(
    ...nodes.map((node) => bytes(1, nodeOf(node))),
    text(2, 'test'),
    ...weights.map((tensor) => bytes(5, tensor)),
    ...inputs.map((value) => bytes(11, valueInfo(value))),
    ...outputs.map((value) => bytes(12, valueInfo(value))),
  );
  return message(
    number(1, 8),
    bytes(7, graph),
    bytes(8, message(text(1, ''), number(2, opset))),
    ...domains.map((domain) => bytes(8, message(text(1, domain), number(2, 1)))),
  );
}

export function floats(name: string, dims: number[], values: number[]): Buffer {
  return message(
    ...dims.map((dim) => number(1, dim)),
    number(2, FLOAT),
    text(8, name),
    bytes(9, Buffer.from(Float32Array.from(values).buffer)),
  );
}

export function wholes(name: string, dims: number[], values: number[]): Buffer {
  return message(
    ...dims.map((dim) => number(1, dim)),
    number(2, INT64),
    text(8, name),
    bytes(9, Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer)),
  );
}

export function truth(name: string, value: boolean): Buffer {
  return message(number(2, BOOL), text(8, name), bytes(9, Buffer.from([value ? 1 : 0])));
}

export function externalTensor(name: string): Buffer {
  return message(
    number(1, 1),
    number(2, FLOAT),
    text(8, name),
    bytes(13, message(text(1, 'location'), text(2, 'w'))),
    number(14, 1),
  );
}

/** score = sigmoid(intercept + weights · features), with the features in one tensor. */
export function logisticOnnx(weights: number[], intercept: number): Buffer {
  return writeOnnx({
    nodes: [
      { type: 'Gemm', inputs: ['X', 'W', 'B'], outputs: ['z'] },
      { type: 'Sigmoid', inputs: ['z'], outputs: ['churn'] },
    ],
    weights: [floats('W', [weights.length, 1], weights), floats('B', [1], [intercept])],
    inputs: [{ name: 'X', shape: ['users', weights.length] }],
    outputs: [{ name: 'churn', shape: ['users', 1] }],
  });
}

/** A model that never ends: a loop whose condition stays true, 2^62 times round. */
export function endlessOnnx(): Buffer {
  const body = message(
    bytes(1, nodeOf({ type: 'Identity', inputs: ['going'], outputs: ['going_on'] })),
    bytes(1, nodeOf({ type: 'Identity', inputs: ['carried'], outputs: ['carried_on'] })),
    text(2, 'body'),
    bytes(11, valueInfo({ name: 'round', shape: [] }, INT64)),
    bytes(11, valueInfo({ name: 'going', shape: [] }, BOOL)),
    bytes(11, valueInfo({ name: 'carried', shape: ['users', 1] })),
    bytes(12, valueInfo({ name: 'going_on', shape: [] }, BOOL)),
    bytes(12, valueInfo({ name: 'carried_on', shape: ['users', 1] })),
  );
  const attribute = message(text(1, 'body'), bytes(6, body), number(20, 5));
  return writeOnnx({
    nodes: [{ type: 'Loop', inputs: ['times', 'on', 'X'], outputs: ['churn'], attributes: [attribute] }],
    weights: [wholes('times', [], [Number.MAX_SAFE_INTEGER]), truth('on', true)],
    inputs: [{ name: 'X', shape: ['users', 1] }],
    outputs: [{ name: 'churn', shape: ['users', 1] }],
  });
}

/** A model that asks for so many bytes of memory. */
export function hungryOnnx(megabytes: number): Buffer {
  return writeOnnx({
    nodes: [
      { type: 'ConstantOfShape', inputs: ['size'], outputs: ['much'] },
      { type: 'ReduceSum', inputs: ['much'], outputs: ['sum'] },
      { type: 'Add', inputs: ['X', 'sum'], outputs: ['churn'] },
    ],
    weights: [wholes('size', [1], [(megabytes * 1024 ** 2) / 4])],
    inputs: [{ name: 'X', shape: ['users', 1] }],
    outputs: [{ name: 'churn', shape: ['users', 1] }],
  });
}

function nodeOf({ type, inputs, outputs, domain = '', attributes = [] }: OnnxNode): Buffer {
  return message(
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, type),
    ...attributes.map((attribute) => bytes(5, attribute)),
    ...(domain === '' ? [] : [text(7, domain)]),
  );
}

function valueInfo({ name, shape }: { name: string; shape: (number | string)[] }, type = FLOAT): Buffer {
  const dims = shape.map((size) => bytes(1, typeof size === 'number' ? number(1, size) : text(2, size)));
  const tensor = message(number(1, type), bytes(2, message(...dims)));
  return message(text(1, name), bytes(2, message(bytes(1, tensor))));
}

function message(...fields: Uint8Array[]): Buffer {
  return Buffer.concat(fields);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

function bytes(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(value.byteLength), value]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt(value);
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Buffer.from(out);
}
