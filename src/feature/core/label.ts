import { z } from 'zod';
import type { ProjectId } from '../../kernel/ids.js';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { SqlParams, type SqlValue } from '../../kernel/sql-params.js';
import { EVENT_TABLE } from '../../store/contract.js';
import { DAY_MS } from './feature.js';
import { MeasureSql } from './measure-sql.js';

/** What a model is to foretell: that a user does not return. */
export const LABEL = z.strictObject({
  absent: z
    .strictObject({
      event: STORABLE_TEXT.min(1).max(200).describe('A name, or * for every event of the user’s own'),
      days: z.number().int().min(1).max(365),
    })
    .describe('1 for who does not do it within so many days from the cutoff on, 0 for who does'),
  allowanceDays: z
    .number()
    .int()
    .min(0)
    .max(30)
    .default(2)
    .describe('How long after its window a label waits for events that arrive late'),
});
export type Label = z.infer<typeof LABEL>;

/** From when on the labels of a cutoff are known, ms since 1970: before, an absence only means not yet. */
export function labelKnownAt({ absent, allowanceDays }: Label, cutoff: number): number {
  return cutoff + (absent.days + allowanceDays) * DAY_MS;
}

/**
 * Compiles the query with one column `person`: who returned. What arrives after `labelKnownAt` changes nothing, so
 * that the labels of a cutoff are the same whenever they are read.
 */
export function compileReturned(
  label: Label,
  context: { projectId: ProjectId; cutoff: number },
): { sql: string; params: Record<string, SqlValue> } {
  const params = new SqlParams('label_');
  const measures = new MeasureSql(params, { cutoff: context.cutoff, timeZone: 'UTC' }, []);
  const rows = [
    `project_id = ${params.bind(context.projectId, 'UInt32')}`,
    ...measures.source({ event: label.absent.event }),
    `time >= ${params.bindTime(context.cutoff)}`,
    `time < ${params.bindTime(context.cutoff + label.absent.days * DAY_MS)}`,
    `received_at < ${params.bindTime(labelKnownAt(label, context.cutoff))}`,
  ];
  return { sql: `SELECT person FROM ${EVENT_TABLE} WHERE ${rows.join(' AND ')}`, params: params.values };
}
