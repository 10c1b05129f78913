import { readPresent } from './read-present.js';

/** What a user agent and an SDK both tell about a device. */
export interface DeviceTraits {
  os: 'android' | 'ios';
  /** Without trailing `.0` parts, such as `17.2`. */
  osVersion: string;
  model: string | null;
}

/** Reads a browser's user agent; null where it names no Android or iOS version. */
export function traitsOfUserAgent(userAgent: string): DeviceTraits | null {
  const ios = /(?:iPhone|iPad|iPod)[^)]*? OS (\d+(?:_\d+){0,3})/.exec(userAgent)?.[1];
  if (ios !== undefined) return { os: 'ios', osVersion: toVersion(ios.replaceAll('_', '.')), model: null };
  const android = /Android (\d+(?:\.\d+){0,3})([^)]*)/.exec(userAgent);
  if (android?.[1] === undefined) return null;
  const parts = (android[2] ?? '').split(';').map((part) => part.replace(/ Build\/.*$/, '').trim());
  // The model is the last part; "wv" marks a web view, "K" is what browsers say that hide the model.
  const model = parts.filter((part) => part !== '' && part !== 'wv' && part !== 'K').at(-1) ?? null;
  return { os: 'android', osVersion: toVersion(android[1]), model };
}

/** Reads the preset properties `$os`, `$os_version` and `$model`; null without the first two. */
export function traitsOfProperties(properties: Record<string, unknown>): DeviceTraits | null {
  const os = readPresent(properties['$os'])?.toLowerCase();
  const osVersion = readPresent(properties['$os_version']);
  if ((os !== 'android' && os !== 'ios') || osVersion === null) return null;
  return { os, osVersion: toVersion(osVersion), model: readPresent(properties['$model']) };
}

/**
 * Whether both may be one device: same system and version, and for Android also the same model.
 * iPhones do not tell their model in a user agent.
 */
export function haveSameTraits(a: DeviceTraits, b: DeviceTraits): boolean {
  if (a.os !== b.os || a.osVersion !== b.osVersion) return false;
  if (a.os === 'ios') return true;
  return a.model !== null && a.model.toLowerCase() === b.model?.toLowerCase();
}

function toVersion(text: string): string {
  return text.replace(/(\.0+)+$/, '');
}
