import type { PropertyFilter } from './property-filter.js';
import type { SqlParams } from './sql-params.js';

type Scalar = string | number | boolean;

/**
 * How the properties of a JSON column are read so that types keep apart as in JSON: the text "5" is no number.
 * Every number is stored as Float64, which is what JSON numbers are.
 * `text`, `number` and `boolean` are of a Nullable type and null where the property has another type.
 */
export class PropertySql {
  constructor(private readonly params: SqlParams) {}

  text(property: string): string {
    return `dynamicElement(${this.column(property)}, 'String')`;
  }

  number(property: string): string {
    return `dynamicElement(${this.column(property)}, 'Float64')`;
  }

  boolean(property: string): string {
    return `dynamicElement(${this.column(property)}, 'Bool')`;
  }

  /** The value as JSON text, whatever its type; an empty text where the property is absent. Never null. */
  json(property: string): string {
    return `ifNull(toJSONString(${this.column(property)}), '')`;
  }

  /** A condition that is 0 or 1, never null, so that it can be negated. */
  filter(filter: PropertyFilter): string {
    const { property } = filter;
    switch (filter.op) {
      case 'is_set':
        return `isNotNull(${this.column(property)})`;
      case 'is_not_set':
        return `isNull(${this.column(property)})`;
      case 'equals':
        return this.isAnyOf(property, [filter.value]);
      case 'not_equals':
        return `NOT ${this.isAnyOf(property, [filter.value])}`;
      case 'in':
        return this.isAnyOf(property, filter.values);
      case 'not_in':
        return `NOT ${this.isAnyOf(property, filter.values)}`;
      case 'contains':
        return this.orFalse(
          `position(${this.text(property)}, ${this.params.bind(filter.value, 'String')}) > 0`,
        );
      case 'starts_with':
        return this.orFalse(
          `startsWith(${this.text(property)}, ${this.params.bind(filter.value, 'String')})`,
        );
      case 'ends_with':
        return this.orFalse(`endsWith(${this.text(property)}, ${this.params.bind(filter.value, 'String')})`);
      default:
        return this.orFalse(
          `${this.number(property)} ${ORDER[filter.op]} ${this.params.bind(filter.value, 'Float64')}`,
        );
    }
  }

  private isAnyOf(property: string, values: readonly Scalar[]): string {
    const texts = values.filter((value) => typeof value === 'string');
    const numbers = values.filter((value) => typeof value === 'number');
    const booleans = values.filter((value) => typeof value === 'boolean');
    const parts = [
      ...this.oneOf(texts, 'String', () => this.text(property)),
      ...this.oneOf(numbers, 'Float64', () => this.number(property)),
      ...[...new Set(booleans)].map(
        (value) => `${this.boolean(property)} = ${this.params.bind(value, 'Bool')}`,
      ),
    ].map((part) => this.orFalse(part));
    return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' OR ')})`;
  }

  private oneOf(values: readonly string[] | readonly number[], type: string, read: () => string): string[] {
    const [first] = values;
    if (first === undefined) return [];
    return values.length === 1
      ? [`${read()} = ${this.params.bind(first, type)}`]
      : [`${read()} IN ${this.params.bind(values, `Array(${type})`)}`];
  }

  private orFalse(expression: string): string {
    return `ifNull(${expression}, 0)`;
  }

  private column(property: string): string {
    return this.params.bind(`properties.${property}`, 'Identifier');
  }
}

const ORDER = { greater_than: '>', at_least: '>=', less_than: '<', at_most: '<=' } as const;
