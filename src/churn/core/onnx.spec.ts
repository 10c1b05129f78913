import {
  endlessOnnx,
  externalTensor,
  hungryOnnx,
  logisticOnnx,
  writeOnnx,
} from '../../../test/support/write-onnx.js';
import { checkShape, checkSummary } from './check-onnx.js';
import { fillsOf, ONNX, pointerToFeature } from './onnx-definition.js';
import { NotOnnx, readOnnx } from './read-onnx.js';
import { fillMissing, readMatrix, toScores } from './score-matrix.js';

const SET = `fst_${'0'.repeat(26)}`;
const definition = (more: Record<string, unknown> = {}) =>
  ONNX.parse({
    kind: 'onnx',
    featureSet: SET,
    inputs: { tensor: ['a', 'b'] },
    output: { name: 'churn' },
    ...more,
  });
const input = (shape: (number | string)[], type = 'float32') => [{ name: 'X', type, shape }];
const churn = [{ name: 'churn', type: 'float32', shape: ['users', 1] }];

describe('An ONNX file', () => {
  it('tells its operators and versions before anything runs it', () => {
    expect(readOnnx(logisticOnnx([1, 2], 0))).toEqual({
      irVersion: 8,
      opsets: new Map([['', 13]]),
      customOperators: [],
      hasExternalData: false,
    });
    expect(checkSummary(readOnnx(endlessOnnx()))).toEqual([]);
    expect(checkSummary(readOnnx(hungryOnnx(1)))).toEqual([]);
  });

  it('is refused with operators of other domains, and with weights in other files', () => {
    const foreign = writeOnnx({
      nodes: [{ type: 'Foo', domain: 'com.acme', inputs: ['X'], outputs: ['churn'] }],
      weights: [externalTensor('w')],
      inputs: [],
      outputs: [],
    });
    expect(checkSummary(readOnnx(foreign)).map(({ code }) => code)).toEqual([
      'custom_operator',
      'external_data',
    ]);
  });

  it.each([
    ['text', Buffer.from('{"model": true}')],
    ['nothing', Buffer.alloc(0)],
    ['half a model', logisticOnnx([1, 2], 0).subarray(0, 60)],
    ['bytes without end', Buffer.alloc(100, 0xff)],
  ])('is none where it is %s', (_, bytes) => {
    expect(() => readOnnx(bytes)).toThrow(NotOnnx);
  });
});

describe('A model and its definition', () => {
  it('fit where input and output are as wide as asked for', () => {
    expect(checkShape(definition(), { inputs: input(['users', 2]), outputs: churn })).toEqual([]);
    expect(checkShape(definition(), { inputs: input(['', '']), outputs: churn })).toEqual([]);
    const columns = definition({ inputs: { columns: { X: 'a' } } });
    expect(checkShape(columns, { inputs: input(['users', 1]), outputs: churn })).toEqual([]);
  });

  it.each([
    [input(['users', 3]), churn, 'The input X is [any, 3]; the definition gives it [users, 2].'],
    [input([1, 2]), churn, 'The input X takes 1 users at a time'],
    [input(['users', 2], 'string'), churn, 'The input X takes string'],
    [[...input(['users', 2]), ...input(['users', 2])], churn, 'a definition with a tensor needs one input'],
    [input(['users', 2]), [], 'The model has no output churn'],
    [input(['users', 2]), [{ name: 'churn', type: null, shape: [] }], 'is no tensor'],
    [input(['users', 2]), [{ name: 'churn', type: 'int64', shape: ['users'] }], 'is int64'],
    [input(['users', 2]), [{ name: 'churn', type: 'float32', shape: ['users', 3] }], 'is [any, 3]'],
  ])('do not fit: %j %j', (inputs, outputs, detail) => {
    const [fault] = checkShape(definition(), { inputs, outputs });
    expect(fault?.detail).toContain(detail);
  });

  it('name a feature where the definition does', () => {
    expect(pointerToFeature(definition(), 1)).toBe('/definition/inputs/tensor/1');
    const columns = definition({ inputs: { columns: { 'a/b~': 'a' } } });
    expect(pointerToFeature(columns, 0)).toBe('/definition/inputs/columns/a~1b~0');
  });
});

describe('The numbers of a model', () => {
  it('are read row after row, and what is missing is filled by the rule', () => {
    const numbers = Buffer.alloc(2 * 4 * 8);
    for (const [row, [user, ...values]] of [
      [7, 1, Number.NaN, 3],
      [9, 4, 5, 6],
    ].entries()) {
      numbers.writeBigUInt64LE(BigInt(user ?? 0), row * 32);
      for (const [at, value] of values.entries()) numbers.writeDoubleLE(value, row * 32 + 8 + at * 8);
    }
    const { users, features, more } = readMatrix(numbers, 2, 1);
    expect([...users]).toEqual([7n, 9n]);
    expect([...(more[0] ?? [])]).toEqual([3, 6]);
    const filled = fillMissing(features, definition({ missing: { value: 0, features: { b: 9 } } }));
    expect([...filled.filled]).toEqual([1, 9, 4, 5]);
    expect(fillMissing(features, definition({ missing: 'leave_out' })).leftOut).toEqual(new Set([0]));
    expect(fillsOf(definition())).toEqual([Number.NaN, Number.NaN]);
  });

  it('are scores as they are, as one of two classes, or as log-odds', () => {
    expect([...toScores([0.1, 0.2], 2, definition())]).toEqual([0.1, 0.2]);
    expect([...toScores([0.9, 0.1, 0.2, 0.8], 2, definition())]).toEqual([0.1, 0.8]);
    const first = definition({ output: { name: 'churn', column: 0 } });
    expect([...toScores([0.9, 0.1, 0.2, 0.8], 2, first)]).toEqual([0.9, 0.2]);
    const odds = definition({ output: { name: 'churn', transform: 'sigmoid' } });
    expect([...toScores([0], 1, odds)]).toEqual([0.5]);
    expect(() => toScores([3], 1, definition())).toThrow('a score is from 0 to 1');
    expect(() => toScores([1, 2, 3], 1, definition())).toThrow('gave 3 numbers for 1 users');
  });
});
