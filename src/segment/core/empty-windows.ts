import { isJsonObject } from '../../kernel/json.js';
import type { SegmentDefinition } from './condition.js';
import { type AsOf, toInstant } from './resolve-window.js';

/** A window that can hold no event now, or a moment that has not come. */
export interface EmptyWindow {
  pointer: string;
  code: 'window_in_future' | 'window_empty';
  detail: string;
}

/** Windows of a definition that hold nothing as of now, wherever they stand. */
export function findEmptyWindows({ where }: SegmentDefinition, at: AsOf): EmptyWindow[] {
  return find(where, '/definition/where', at);
}

function find(value: unknown, pointer: string, at: AsOf): EmptyWindow[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => find(each, `${pointer}/${index}`, at));
  if (!isJsonObject(value)) return [];
  const { from, to, moment } = value;
  if (typeof from === 'string' && typeof to === 'string') return judgeWindow({ from, to }, pointer, at);
  if (typeof moment === 'string') return judgeMoment(moment, pointer, at);
  return Object.entries(value).flatMap(([key, child]) => find(child, `${pointer}/${key}`, at));
}

function judgeWindow({ from, to }: { from: string; to: string }, pointer: string, at: AsOf): EmptyWindow[] {
  const fromMs = toInstant(from, at.timeZone);
  if (fromMs >= toInstant(to, at.timeZone)) {
    const detail = `The window ends at ${to}, not after it begins at ${from}: it holds nothing.`;
    return [{ pointer: `${pointer}/to`, code: 'window_empty', detail }];
  }
  if (fromMs <= at.asOf) return [];
  const detail = `The window begins at ${from}, which is in the future: until then it holds nothing.`;
  return [{ pointer: `${pointer}/from`, code: 'window_in_future', detail }];
}

function judgeMoment(moment: string, pointer: string, at: AsOf): EmptyWindow[] {
  if (toInstant(moment, at.timeZone) <= at.asOf) return [];
  const detail = `The moment ${moment} is in the future: every event so far is before it.`;
  return [{ pointer: `${pointer}/moment`, code: 'window_in_future', detail }];
}
