/**
 * The process that runs a model that was brought along: whatever the model does, it does to this process alone. Its
 * limits of time and memory are those of `OnnxProcess`. It has no environment, opens no file and asks nobody.
 */
import type * as Ort from 'onnxruntime-node';
import { checkShape, checkSummary, type FileFault, type TensorShape } from '../core/check-onnx.js';
import { CannotFit } from '../core/fit.js';
import { featuresAsked, type OnnxDefinition } from '../core/onnx-definition.js';
import { NotOnnx, readOnnx } from '../core/read-onnx.js';
import { fillMissing, readMatrix, toScores } from '../core/score-matrix.js';
import { validate } from '../core/validate.js';
import type { Reply } from './answers.js';
import type { OnnxAnswers, OnnxRequest } from './onnx-messages.js';

/** Users that are tried before a file is taken: one, and several. */
const PROBES = [1, 3];

interface Loaded {
  ort: typeof Ort;
  session: Ort.InferenceSession;
  definition: OnnxDefinition;
}

let loaded: Loaded | null = null;
const known: { predicted: Float64Array; actual: Float64Array; days: Float64Array }[] = [];

async function answer(request: OnnxRequest): Promise<unknown> {
  switch (request.do) {
    case 'open':
      return open(request.file, request.definition);
    case 'score':
      return (await score(request.rows, 0)).answer;
    case 'score_known':
      return keepKnown(request.rows);
    case 'judge':
      return judge();
  }
}

async function open(file: Uint8Array, definition: OnnxDefinition): Promise<OnnxAnswers['open']> {
  const faults = checkFile(file);
  if (faults.length > 0) return { shape: null, faults };
  const runtime = process.argv[2] ?? 'onnxruntime-node';
  const ort = (await import(runtime)) as typeof Ort;
  let session: Ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(file, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (error) {
    return { shape: null, faults: [{ code: 'cannot_be_loaded', detail: toText(error) }] };
  }
  const shape = { inputs: session.inputMetadata.map(toShape), outputs: session.outputMetadata.map(toShape) };
  const unfit = checkShape(definition, shape);
  if (unfit.length > 0) return { shape, faults: unfit };
  loaded = { ort, session, definition };
  try {
    for (const rows of PROBES)
      await run(loaded, new Float64Array(rows * featuresAsked(definition).length), rows);
  } catch (error) {
    return { shape, faults: [{ code: 'cannot_be_run', detail: toText(error) }] };
  }
  return { shape, faults: [] };
}

function checkFile(file: Uint8Array): FileFault[] {
  try {
    return checkSummary(readOnnx(file));
  } catch (error) {
    if (error instanceof NotOnnx) return [{ code: 'not_onnx', detail: error.message }];
    throw error;
  }
}

function toShape(given: Ort.InferenceSession.ValueMetadata): TensorShape {
  return given.isTensor
    ? { name: given.name, type: given.type, shape: given.shape }
    : { name: given.name, type: null, shape: [] };
}

async function score(rows: Uint8Array, moreColumns: number) {
  if (!loaded) throw new Error('No model is open.');
  const { users, features, more } = readMatrix(rows, featuresAsked(loaded.definition).length, moreColumns);
  const { filled, leftOut } = fillMissing(features, loaded.definition);
  const scores = users.length === 0 ? new Float64Array() : await run(loaded, filled, users.length);
  for (const row of leftOut) scores[row] = Number.NaN;
  return { answer: { users, scores }, more };
}

async function run({ ort, session, definition }: Loaded, features: Float64Array, rows: number) {
  const columns = featuresAsked(definition).length;
  const feeds: Record<string, Ort.Tensor> = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) continue;
    const column =
      'columns' in definition.inputs ? Object.keys(definition.inputs.columns).indexOf(input.name) : 0;
    const values =
      'columns' in definition.inputs
        ? Float64Array.from({ length: rows }, (_, row) => features[row * columns + column] ?? 0)
        : features;
    const shape = 'columns' in definition.inputs ? [rows, 1].slice(0, input.shape.length) : [rows, columns];
    feeds[input.name] = toTensor(ort, input.type, values, shape);
  }
  const { [definition.output.name]: given } = await session.run(feeds, [definition.output.name]);
  if (!given) throw new CannotFit(`The model gave no ${definition.output.name}.`);
  return toScores(given.data as Float32Array | Float64Array, rows, definition);
}

function toTensor(ort: typeof Ort, type: string, values: Float64Array, shape: number[]): Ort.Tensor {
  switch (type) {
    case 'float64':
      return new ort.Tensor('float64', values, shape);
    case 'int64':
      return new ort.Tensor('int64', BigInt64Array.from(values, toWhole), shape);
    case 'int32':
      return new ort.Tensor('int32', Int32Array.from(values), shape);
    default:
      return new ort.Tensor('float32', Float32Array.from(values), shape);
  }
}

/** What is no number is 0 among whole numbers. */
function toWhole(value: number): bigint {
  return BigInt(Number.isFinite(value) ? Math.trunc(value) : 0);
}

async function keepKnown(rows: Uint8Array): Promise<null> {
  const { answer, more } = await score(rows, 2);
  const [days, labels] = more as [Float64Array, Float64Array];
  const isScored = (_: number, row: number) => !Number.isNaN(answer.scores[row]);
  known.push({
    predicted: answer.scores.filter(isScored),
    // Who has no such day stands with those who were here just now.
    days: days.filter(isScored).map((value) => (Number.isNaN(value) ? 0 : value)),
    actual: labels.filter(isScored),
  });
  return null;
}

function judge(): OnnxAnswers['judge'] {
  const predicted = joined(known.map((part) => part.predicted));
  if (predicted.length === 0) return null;
  const actual = joined(known.map((part) => part.actual));
  return validate({ predicted, actual }, joined(known.map((part) => part.days)));
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Where in its own source the runtime found a fault is of no use to anybody. */
const PLACE = /\/onnxruntime_src\/\S+ [\s\S]*?\) (?=[A-Z])/;

function toText(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(PLACE, '').trim().slice(0, 1_000);
}

process.on('message', (request: OnnxRequest) => {
  answer(request).then(
    (value) => reply({ ok: true, value }),
    (error: unknown) => reply({ ok: false, message: toText(error), isRefusal: error instanceof CannotFit }),
  );
});
/** Nobody is there any more to hear an answer. */
process.on('disconnect', () => process.exit());

function reply(message: Reply): void {
  process.send?.(message);
}
