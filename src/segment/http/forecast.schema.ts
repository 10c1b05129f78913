import { z } from 'zod';
import { LANES } from '../core/forecast.js';

const ROWS = z.number().int();
const LIMIT = ROWS.min(1).max(1_000_000_000_000_000);
export const LANE = z.enum(LANES).describe('A heavy run reads very much; light ones never wait for it');

export const FORECAST = z.object({
  rows: ROWS.describe('Rows that a run would read, by the indexes of ClickHouse'),
  bytes: ROWS.describe('About how many bytes that is'),
  tables: z.array(z.object({ table: z.string(), rows: ROWS })),
  lane: LANE,
  maxRows: ROWS.describe('Rows that a run may read'),
  refusal: z.string().nullable().describe('Why a run would not begin; null where it would'),
});

const SOURCE = z.enum(['project', 'installation']).describe('Whose limit it is');
export const LIMITS = z.object({
  maxRows: ROWS.describe('Rows that a run may read'),
  maxMembers: ROWS.describe('Members that a run may have'),
  source: z.object({ maxRows: SOURCE, maxMembers: SOURCE }),
  project: z.object({ maxRows: ROWS.nullable(), maxMembers: ROWS.nullable() }),
  installation: z.object({ maxRows: ROWS, maxMembers: ROWS }),
});

export const SET_LIMITS = z.strictObject({
  maxRows: LIMIT.nullable().describe('null: only the limit of the installation holds'),
  maxMembers: LIMIT.nullable().describe('null: only the limit of the installation holds'),
});
export type SetLimits = z.infer<typeof SET_LIMITS>;
