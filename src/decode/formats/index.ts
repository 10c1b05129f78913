import type { Format } from '../core/format.js';
import { internalFormat } from './internal/internal.format.js';
import { jsonFormat } from './json/json.format.js';
import { refusedFormat } from './refused/refused.format.js';
import { resumedFormat } from './resumed/resumed.format.js';
import { segmentFormat } from './segment/segment.format.js';
import { sensorsDataFormat } from './sensorsdata/sensorsdata.format.js';

/** Every wire format. A new one is a folder here and a line in this list. */
export const FORMATS = [
  sensorsDataFormat,
  segmentFormat,
  jsonFormat,
  internalFormat,
  refusedFormat,
  resumedFormat,
] as const satisfies readonly Format[];
