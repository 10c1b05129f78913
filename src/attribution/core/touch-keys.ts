import ipaddr from 'ipaddr.js';
import { type DeviceId, type DeviceIdKind, md5Hex } from './normalise-device-id.js';

/** Kinds of look-up keys: device ids, anything that names the click itself, and the address it came from. */
export type TouchKeyKind = DeviceIdKind | 'click_id' | 'ip';

/** Under which a click is found again; `hash` is md5 in lower-case hex. */
export interface TouchKey {
  kind: TouchKeyKind;
  hash: string;
}

/** What a click or an arrival can be recognised by. */
export interface TouchIds {
  deviceIds: readonly DeviceId[];
  /** Ids of the click itself: ours, the network's, its callback token. */
  clickTokens: readonly string[];
  ip: string | null;
}

/** Every look-up key of a click or an arrival, each once. Two that share one may belong together. */
export function keysOfTouch(touch: TouchIds): TouchKey[] {
  const keys: TouchKey[] = [
    ...touch.clickTokens.map((token) => ({ kind: 'click_id' as const, hash: md5Hex(token) })),
    ...touch.deviceIds.flatMap(({ kind, hashes }) => hashes.map((hash) => ({ kind, hash }))),
    ...(touch.ip === null ? [] : [{ kind: 'ip' as const, hash: md5Hex(touch.ip) }]),
  ];
  return [...new Map(keys.map((key) => [`${key.kind}.${key.hash}`, key])).values()];
}

/** The address in its one canonical form; null where the text is none, or one that names no device. */
export function normaliseIp(text: string | null): string | null {
  if (text === null || !ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return address.range() === 'unspecified' ? null : address.toString();
}
