import { isEvent } from '../../kernel/event.js';
import type { DecodeOutput } from './format.js';
import { toStorable } from './storable-text.js';

/** Property that tells in which environment of the sender an event was made. */
const REMARK = '$remark';
const MAX_REMARK_LENGTH = 100;

/** Gives the events of a request the tag that its query names (`?remark=beta`). */
export function addRemarkOfQuery(output: DecodeOutput, query: string): DecodeOutput {
  // Nearly every request has none, and a search is cheaper than to take the query apart.
  return query.includes('remark=') ? addRemark(output, new URLSearchParams(query).get('remark')) : output;
}

/** Gives every event a tag; one that has a tag keeps it. */
export function addRemark(output: DecodeOutput, remark: string | null): DecodeOutput {
  if (remark === null || remark === '') return output;
  const stored = toStorable(remark, MAX_REMARK_LENGTH);
  for (const record of output.records) {
    if (isEvent(record)) record.properties[REMARK] ??= stored;
  }
  return output;
}
