import { isSystemEvent, type TrackedRecord } from '../../kernel/event.js';
import type { AdEventMapping, AdEventType } from './ad-event.js';

/** A record that may be a conversion of its user. */
export interface ArrivalRecord {
  record: TrackedRecord;
  eventType: AdEventType;
}

/** The event of an SDK that carries the device ids: it decides again where an earlier one matched nothing. */
export const INSTALL_EVENT = '$AppInstall';
const START_EVENT = '$AppStart';

/**
 * Picks, per user, the record that stands for the activation (the install, else the start, else the first
 * event) and the first record of each other kind of conversion.
 * Activations come first: the other conversions follow the click that they find.
 */
export function pickArrivals(
  records: readonly TrackedRecord[],
  mappingOf: (projectId: number) => AdEventMapping,
): ArrivalRecord[] {
  const activations = new Map<string, TrackedRecord>();
  const others = new Map<string, ArrivalRecord>();
  for (const record of records) {
    if (isSystemEvent(record.event) || (record.type !== 'track' && record.type !== 'identify')) continue;
    const user = `${record.projectId}.${record.userId}`;
    const known = activations.get(user);
    if (record.type === 'track' && (known === undefined || rankOf(record) < rankOf(known))) {
      activations.set(user, record);
    }
    const eventType = typeOf(record.event, mappingOf(record.projectId));
    if (eventType !== null && !others.has(`${user}.${eventType}`)) {
      others.set(`${user}.${eventType}`, { record, eventType });
    }
  }
  return [
    ...[...activations.values()].map((record) => ({ record, eventType: 'activate' as const })),
    ...others.values(),
  ];
}

function rankOf(record: TrackedRecord): number {
  if (record.event === INSTALL_EVENT) return 0;
  return record.event === START_EVENT ? 1 : 2;
}

function typeOf(event: string, mapping: AdEventMapping): AdEventType | null {
  if (mapping.register.includes(event)) return 'register';
  return mapping.pay.includes(event) ? 'pay' : null;
}
