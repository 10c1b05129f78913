import { z } from 'zod';
import { PROPERTY_NAME } from '../../kernel/property-filter.js';
import { pageOf } from '../../platform/http-server/paging.js';
import { EXPORT_STATES } from '../data/segment-export.repository.js';
import { EXPORT_FORMAT, WHICH } from './segment.schema.js';

const INSTANT = z.iso.datetime();
const COLUMNS = z
  .array(PROPERTY_NAME.refine((name) => name !== 'user_id', 'is the name of the first column already'))
  .max(50)
  .refine((names) => new Set(names).size === names.length, 'must not name a property twice');

export const START_EXPORT = z.strictObject({
  format: EXPORT_FORMAT,
  which: WHICH.default('members'),
  columns: COLUMNS.default([]).describe('Properties of the profile, each a column behind user_id'),
});
export type StartExport = z.infer<typeof START_EXPORT>;

export const EXPORT = z.object({
  id: z.string(),
  segmentId: z.string(),
  runId: z.string(),
  format: EXPORT_FORMAT,
  which: WHICH,
  columns: z.array(z.string()),
  state: z.enum(EXPORT_STATES).describe('expired: the file was removed'),
  rowsWritten: z.number().int(),
  rowsTotal: z.number().int().describe('How many rows the run had when the export was asked for'),
  sizeBytes: z.number().int(),
  sha256: z.string().nullable().describe('Of the file, in hexadecimal digits'),
  attempts: z.number().int(),
  queuedAt: INSTANT,
  startedAt: INSTANT.nullable(),
  finishedAt: INSTANT.nullable(),
  expiresAt: INSTANT.nullable().describe('When the file is removed'),
  error: z.string().nullable(),
});
export const EXPORT_PAGE = pageOf(EXPORT);
