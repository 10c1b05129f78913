import { maxAgeOf } from '../../kernel/value-filter.js';
import { type Condition, groupOf } from './condition.js';
import { isValueLeaf, type ValueCondition, type ValueSource } from './value-condition.js';

const HOUR_MS = 3_600_000;
/** Values that are older than this are worth a warning, where the condition says nothing of their age. */
const OLD_AFTER_HOURS = 7 * 24;

/** A condition on a value, and where it stands in the tree itself; those of other segments stand at the reference. */
export interface PlacedValue {
  leaf: ValueCondition;
  pointer: string;
}

/** Every condition on a value, those of the segments that are referred to included. */
export function valuesAsked(condition: Condition, pointer = '', isTop = true): PlacedValue[] {
  if (isValueLeaf(condition)) return [{ leaf: condition, pointer }];
  if ('segment' in condition)
    return condition.is ? valuesAsked(condition.is, `${pointer}/segment`, false) : [];
  const group = groupOf(condition);
  return (group?.children ?? []).flatMap((child, index) =>
    valuesAsked(child, isTop ? `${pointer}/${group?.kind}/${index}` : pointer, isTop),
  );
}

/** The tree with every condition on a value told where its values are. */
export function putInSources(
  condition: Condition,
  sources: ReadonlyMap<ValueCondition, ValueSource | null>,
): Condition {
  const each = (children: readonly Condition[]) => children.map((child) => putInSources(child, sources));
  if (isValueLeaf(condition)) return { ...condition, source: sources.get(condition) ?? null };
  if ('all' in condition) return { all: each(condition.all) };
  if ('any' in condition) return { any: each(condition.any) };
  if ('none' in condition) return { none: each(condition.none) };
  if ('segment' in condition && condition.is)
    return { ...condition, is: putInSources(condition.is, sources) };
  return condition;
}

/** What is to be said of the values that a condition reads: a refusal, or a warning. */
export interface ValueFault extends Pick<PlacedValue, 'pointer'> {
  code: 'no_values' | 'stale_values' | 'old_values' | 'missing_feature';
  detail: string;
  /** Whether the definition says that such values may not be used. */
  isRefusal: boolean;
}

/** Whether the values are there, and young enough at a moment; null where nothing is to be said. */
export function judgeSource(
  { leaf, pointer }: PlacedValue,
  source: ValueSource | null,
  asOf: number,
): ValueFault | null {
  const maxAgeHours = maxAgeOf(leaf);
  const isRefusal = maxAgeHours !== undefined;
  const at = { pointer: `${pointer}/${'feature' in leaf ? 'feature' : 'score'}` };
  if (source === null) {
    const detail = `There are no values as of ${toText(asOf)}: ${nameOf(leaf)} has nothing finished up to then.`;
    return { ...at, code: 'no_values', detail, isRefusal };
  }
  if ('feature' in leaf && source.place === 0) {
    const detail = `The snapshot ${source.id} does not have ${leaf.feature.name}.`;
    return { ...at, code: 'missing_feature', detail, isRefusal: false };
  }
  const ageHours = (asOf - source.asOf) / HOUR_MS;
  if (ageHours <= (maxAgeHours ?? OLD_AFTER_HOURS)) return null;
  const told = `The values of ${nameOf(leaf)} are ${Math.floor(ageHours)} hours old: ${source.id} is as of ${toText(source.asOf)}`;
  return isRefusal
    ? { ...at, code: 'stale_values', detail: `${told}, and may be ${maxAgeHours} hours old.`, isRefusal }
    : { ...at, code: 'old_values', detail: `${told}.`, isRefusal };
}

function nameOf(leaf: ValueCondition): string {
  return 'feature' in leaf ? leaf.feature.set : leaf.score.model;
}

function toText(ms: number): string {
  return new Date(ms).toISOString();
}
