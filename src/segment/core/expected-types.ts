import { isJsonObject } from '../../kernel/json.js';
import type { SegmentDefinition } from './condition.js';

/** Types of property values that a condition can match, as JSON tells them apart. */
export type ValueType = 'text' | 'number' | 'boolean';

const TEXT_OPS = ['contains', 'starts_with', 'ends_with'];
const NUMBER_OPS = ['greater_than', 'at_least', 'less_than', 'at_most'];
const NUMBER_MEASURES = ['sum', 'avg', 'min', 'max'];

/**
 * Of which types a property has to be for the filter or measure that names it to find anything; null where any will do.
 * @param pointer JSON Pointer to the name of the property, as `propertyPointers` gives it, from `/definition` on
 */
export function expectedTypes(definition: SegmentDefinition, pointer: string): ValueType[] | null {
  const holder = resolve({ definition }, pointer.split('/').slice(1, -1));
  if (!isJsonObject(holder)) return null;
  const { op, fn, value, values } = holder;
  if (typeof fn === 'string') return NUMBER_MEASURES.includes(fn) ? ['number'] : null;
  if (typeof op !== 'string') return null;
  if (TEXT_OPS.includes(op)) return ['text'];
  if (NUMBER_OPS.includes(op)) return ['number'];
  if (op === 'equals') return typesOf([value]);
  return op === 'in' && Array.isArray(values) ? typesOf(values) : null;
}

function typesOf(values: readonly unknown[]): ValueType[] {
  const types = values.map((value): ValueType => {
    if (typeof value === 'number') return 'number';
    return typeof value === 'boolean' ? 'boolean' : 'text';
  });
  return [...new Set(types)];
}

function resolve(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)];
    return isJsonObject(at) ? at[key] : undefined;
  }, value);
}
