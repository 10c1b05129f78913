import { z } from 'zod';
import { PROPERTY_FILTER, STORABLE_TEXT } from '../../kernel/property-filter.js';

/** Limits that keep one query readable, and its parameters short enough for ClickHouse. */
export const EVENT_NAME = STORABLE_TEXT.min(1).max(200);
export const FILTERS = z.array(PROPERTY_FILTER).max(50);
export const PROFILE_FILTERS = FILTERS.optional().describe(
  'Only persons whose profile meets every filter, as it is now',
);
/** How many groups are shown by themselves; those beyond are counted together. */
export const TOP = z.number().int().min(1).max(1000).optional();
export const DEFAULT_TOP = 10;

/** No answer has more rows than this. */
export const MAX_ROWS = 10_000;
