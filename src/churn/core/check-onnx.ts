import { featuresAsked, type OnnxDefinition } from './onnx-definition.js';
import type { OnnxSummary } from './read-onnx.js';

/** Why a file cannot be used with its model's definition. */
export interface FileFault {
  code:
    | 'not_onnx'
    | 'custom_operator'
    | 'external_data'
    | 'cannot_be_loaded'
    | 'wrong_inputs'
    | 'wrong_output'
    | 'cannot_be_run';
  detail: string;
}

/** An input or output of a loaded model; a size is a text where it is free. */
export interface TensorShape {
  name: string;
  /** Type of its elements, such as float32; null where it is no tensor. */
  type: string | null;
  shape: readonly (number | string)[];
}

export interface ModelShape {
  inputs: readonly TensorShape[];
  outputs: readonly TensorShape[];
}

/** Types of numbers that features can be given as. */
const INPUT_TYPES = ['float32', 'float64', 'int32', 'int64'];
const OUTPUT_TYPES = ['float32', 'float64'];

/** What is wrong with a file before it is loaded. */
export function checkSummary({ customOperators, hasExternalData }: OnnxSummary): FileFault[] {
  const faults: FileFault[] = [];
  if (customOperators.length > 0) {
    faults.push({
      code: 'custom_operator',
      detail: `Only operators of ai.onnx and ai.onnx.ml are run; the model uses ${customOperators.slice(0, 10).join(', ')}.`,
    });
  }
  if (hasExternalData) {
    faults.push({
      code: 'external_data',
      detail: 'The weights lie in other files: save the model with all its weights in one.',
    });
  }
  return faults;
}

/** What does not fit between a loaded model and its definition. */
export function checkShape(definition: OnnxDefinition, shape: ModelShape): FileFault[] {
  return [...checkInputs(definition, shape.inputs), ...checkOutput(definition, shape.outputs)];
}

function checkInputs(definition: OnnxDefinition, inputs: readonly TensorShape[]): FileFault[] {
  const faults = inputs.flatMap((input) => checkInput(input));
  if (faults.length > 0) return faults;
  const { inputs: asked } = definition;
  if ('columns' in asked) {
    const names = Object.keys(asked.columns);
    const given = inputs.map(({ name }) => name);
    const isSame = names.length === given.length && names.every((name) => given.includes(name));
    if (!isSame) {
      return [
        wrongInputs(`The model has the inputs ${list(given)}; the definition gives it ${list(names)}.`),
      ];
    }
    return inputs.flatMap(({ name, shape }) =>
      shape.length === 1 || (shape.length === 2 && isSize(shape[1], 1))
        ? []
        : [wrongInputs(`The input ${name} is ${show(shape)}; one feature is [users, 1] or [users].`)],
    );
  }
  const [input] = inputs;
  const count = featuresAsked(definition).length;
  if (inputs.length !== 1 || !input) {
    return [
      wrongInputs(
        `The model has the inputs ${list(inputs.map(({ name }) => name))}; a definition with a tensor needs one input.`,
      ),
    ];
  }
  if (input.shape.length !== 2 || !isSize(input.shape[1], count)) {
    return [
      wrongInputs(
        `The input ${input.name} is ${show(input.shape)}; the definition gives it [users, ${count}].`,
      ),
    ];
  }
  return [];
}

function checkInput({ name, type, shape }: TensorShape): FileFault[] {
  if (type === null || !INPUT_TYPES.includes(type)) {
    return [
      wrongInputs(
        `The input ${name} takes ${type ?? 'no tensor'}; a feature is one of ${list(INPUT_TYPES)}.`,
      ),
    ];
  }
  if (typeof shape[0] === 'number' && shape[0] >= 0) {
    return [
      wrongInputs(
        `The input ${name} takes ${shape[0]} users at a time: export the model with a free number of rows.`,
      ),
    ];
  }
  return [];
}

function checkOutput({ output }: OnnxDefinition, outputs: readonly TensorShape[]): FileFault[] {
  const found = outputs.find(({ name }) => name === output.name);
  const names = list(outputs.map(({ name }) => name));
  if (!found) return [wrongOutput(`The model has no output ${output.name}; it has ${names}.`)];
  if (found.type === null) {
    return [
      wrongOutput(
        `The output ${output.name} is no tensor: export the model so that it gives one (skl2onnx: zipmap off).`,
      ),
    ];
  }
  if (!OUTPUT_TYPES.includes(found.type)) {
    return [
      wrongOutput(
        `The output ${output.name} is ${found.type}; a score is float32 or float64. The outputs are ${names}.`,
      ),
    ];
  }
  const [, columns] = found.shape;
  const isFitting =
    found.shape.length <= 1 || (found.shape.length === 2 && (isSize(columns, 1) || isSize(columns, 2)));
  return isFitting
    ? []
    : [
        wrongOutput(
          `The output ${output.name} is ${show(found.shape)}; a score is [users], [users, 1] or the probabilities of two classes.`,
        ),
      ];
}

function isSize(size: number | string | undefined, wanted: number): boolean {
  return size === wanted || typeof size === 'string' || (typeof size === 'number' && size < 0);
}

function show(shape: readonly (number | string)[]): string {
  return `[${shape.map((size) => (typeof size === 'number' && size >= 0 ? size : 'any')).join(', ')}]`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.slice(0, 20).join(', ');
}

function wrongInputs(detail: string): FileFault {
  return { code: 'wrong_inputs', detail };
}

function wrongOutput(detail: string): FileFault {
  return { code: 'wrong_output', detail };
}
