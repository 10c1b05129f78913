import { CannotFit } from './fit.js';
import { featuresAsked, fillsOf, type OnnxDefinition } from './onnx-definition.js';

const NUMBER_BYTES = 8;

/** Users and their numbers, read from ClickHouse's RowBinary: every value has 8 bytes. */
export interface Matrix {
  users: BigUint64Array;
  /** Of each user the features, in the order in which the definition asks for them; NaN: none. */
  features: Float64Array;
  /** Columns behind the features. */
  more: Float64Array[];
}

/** @param moreColumns how many columns stand behind the features */
export function readMatrix(bytes: Uint8Array, featureCount: number, moreColumns: number): Matrix {
  const rowBytes = (1 + featureCount + moreColumns) * NUMBER_BYTES;
  const size = bytes.byteLength / rowBytes;
  if (!Number.isInteger(size)) throw new Error('The rows end within a row.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const users = new BigUint64Array(size);
  const features = new Float64Array(size * featureCount);
  const more = Array.from({ length: moreColumns }, () => new Float64Array(size));
  for (let row = 0; row < size; row++) {
    const start = row * rowBytes;
    users[row] = view.getBigUint64(start, true);
    for (let column = 0; column < featureCount; column++) {
      features[row * featureCount + column] = view.getFloat64(start + (1 + column) * NUMBER_BYTES, true);
    }
    for (let column = 0; column < moreColumns; column++) {
      (more[column] as Float64Array)[row] = view.getFloat64(
        start + (1 + featureCount + column) * NUMBER_BYTES,
        true,
      );
    }
  }
  return { users, features, more };
}

/**
 * Puts in what stands for a value that a user does not have.
 * @returns the filled features, and the places of the rows that are left out
 */
export function fillMissing(
  features: Float64Array,
  definition: OnnxDefinition,
): { filled: Float64Array; leftOut: Set<number> } {
  const fills = fillsOf(definition);
  const count = featuresAsked(definition).length;
  const leftOut = new Set<number>();
  const filled = features.map((value, index) => {
    if (!Number.isNaN(value)) return value;
    if (fills === null) leftOut.add(Math.floor(index / count));
    return fills?.[index % count] ?? 0;
  });
  return { filled, leftOut };
}

/**
 * The scores of a batch, out of what the model gave.
 * @param given the elements of the output, row after row
 * @throws CannotFit where the output is no score
 */
export function toScores(given: ArrayLike<number>, rows: number, { output }: OnnxDefinition): Float64Array {
  const columns = given.length / rows;
  if (columns !== 1 && columns !== 2) {
    throw new CannotFit(`The output ${output.name} gave ${given.length} numbers for ${rows} users.`);
  }
  return Float64Array.from({ length: rows }, (_, row) => {
    const raw = given[columns === 1 ? row : row * 2 + output.column] ?? Number.NaN;
    return toScore(output.transform === 'sigmoid' ? 1 / (1 + Math.exp(-raw)) : raw, output.name);
  });
}

/** How far above 1 a sum of float32 may come to lie. */
const ROUNDING = 1e-5;

function toScore(value: number, name: string): number {
  if (Number.isNaN(value)) return Number.NaN;
  if (value < -ROUNDING || value > 1 + ROUNDING) {
    throw new CannotFit(
      `The output ${name} gave ${value}: a score is from 0 to 1. A model of log-odds needs the transform sigmoid.`,
    );
  }
  return Math.min(1, Math.max(0, value));
}
