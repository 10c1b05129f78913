import type { EventSource } from '../core/event-source.js';
import { jsonSource } from './json/json.source.js';
import { segmentSource } from './segment/segment.source.js';
import { sensorsDataSource } from './sensorsdata/sensorsdata.source.js';

/** Every kind of SDK that events are taken from. A new one is a folder here and a line in this list. */
export const EVENT_SOURCES: readonly EventSource[] = [sensorsDataSource, segmentSource, jsonSource];
