import type { TrackedRecord } from '../../kernel/event.js';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import type { AdEventMapping, AdEventType } from './ad-event.js';
import { traitsOfProperties } from './device-traits.js';
import type { ArrivalTraits } from './match-attribution.js';
import { type DeviceId, type DeviceIdKind, normaliseDeviceId, readCaids } from './normalise-device-id.js';
import { readPresent } from './read-present.js';
import { normaliseIp } from './touch-keys.js';

/** A conversion of a user, with what it can be matched by. */
export interface Arrival extends ArrivalTraits {
  projectId: ProjectId;
  userId: UserId;
  eventId: string;
  event: string;
  eventType: AdEventType;
  distinctId: string;
  /** Every id of the person that the record names: by them a merged user is recognised. */
  aliases: readonly string[];
  amount: number | null;
}

const ID_PROPERTIES: readonly (readonly [string, DeviceIdKind])[] = [
  ['$oaid', 'oaid'],
  ['oaid', 'oaid'],
  ['$idfa', 'idfa'],
  ['idfa', 'idfa'],
  ['$gaid', 'gaid'],
  ['gaid', 'gaid'],
  ['$imei', 'imei'],
  ['imei', 'imei'],
  ['$android_id', 'android_id'],
  ['android_id', 'android_id'],
  ['$mac', 'mac'],
];
/** Names inside the `##`-joined lists of the SensorsData SDKs. */
const LIST_NAMES: Record<string, DeviceIdKind> = {
  oaid: 'oaid',
  idfa: 'idfa',
  gaid: 'gaid',
  imei: 'imei',
  imei_old: 'imei',
  meid: 'imei',
  android_id: 'android_id',
  mac: 'mac',
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OWN_CLICK_ID = '$ad_click_id';
/** Parameter that our redirect adds to a landing page, and Ocean Engine's own; others come from the registry. */
const CLICK_ID_NAMES = [OWN_CLICK_ID, 'ad_click_id', 'clickid'];

/**
 * Reads what a record tells about its device.
 * @param clickIdNames further properties and landing-page parameters that name a click
 */
export function readArrival(
  record: TrackedRecord,
  eventType: AdEventType,
  context: { mapping: AdEventMapping; clickIdNames: readonly string[] },
): Arrival {
  const { properties } = record;
  const { payAmountProperty } = context.mapping;
  const amount = payAmountProperty === null ? undefined : properties[payAmountProperty];
  return {
    projectId: record.projectId,
    userId: record.userId,
    eventId: record.eventId,
    event: record.event,
    eventType,
    distinctId: record.distinctId,
    aliases: unique([record.distinctId, record.originalId ?? '', ...Object.values(record.identities)]),
    occurredAt: record.time,
    deviceIds: readDeviceIds(record),
    clickTokens: readClickTokens(properties, [...CLICK_ID_NAMES, ...context.clickIdNames]),
    ip: normaliseIp(readPresent(properties['$ip'])),
    userAgent: readPresent(properties['$user_agent'], 1024),
    device: traitsOfProperties(properties),
    amount: eventType === 'pay' && typeof amount === 'number' ? amount : null,
  };
}

function readDeviceIds(record: TrackedRecord): DeviceId[] {
  const { properties, identities } = record;
  const found = [
    ...ID_PROPERTIES.map(([name, kind]) => normaliseDeviceId(kind, properties[name])),
    ...['$ad_device_info', '$channel_device_info'].flatMap((name) => readDeviceList(properties[name])),
    ...readCaids(properties['$caid']),
    readUntypedId(properties['$device_id']),
    normaliseDeviceId('android_id', identities['$identity_android_id']),
  ].filter((id) => id !== null);
  return [...new Map(found.map((id) => [`${id.kind}.${id.raw ?? id.hashes[0]}`, id])).values()];
}

/** `android_id=…##imei=…##oaid=…`; the SDKs send `1` where they know nothing. */
function readDeviceList(value: unknown): (DeviceId | null)[] {
  return (readPresent(value, 4096) ?? '').split('##').flatMap((part) => {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    if (name === 'caid') return readCaids(part.slice(at + 1));
    const kind = LIST_NAMES[name];
    return kind === undefined ? [] : [normaliseDeviceId(kind, part.slice(at + 1))];
  });
}

/** `$device_id` is the Android id on Android, and the IDFA (or a vendor id that no network knows) on iOS. */
function readUntypedId(value: unknown): DeviceId | null {
  const text = readPresent(value);
  return text === null ? null : normaliseDeviceId(UUID.test(text) ? 'idfa' : 'android_id', text);
}

function readClickTokens(properties: JsonObject, names: readonly string[]): string[] {
  const url = readPresent(properties['$url'], 8192);
  const parameters = url !== null && URL.canParse(url) ? new URL(url).searchParams : new URLSearchParams();
  return unique(
    names.flatMap((name) => [
      readPresent(properties[name], 4096) ?? '',
      readPresent(parameters.get(name), 4096) ?? '',
    ]),
  );
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}
