import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';

/** Where a field of the context stands, and the preset property that it becomes. */
const PRESETS: readonly (readonly [readonly string[], string])[] = [
  [['ip'], '$ip'],
  [['userAgent'], '$user_agent'],
  [['locale'], '$language'],
  [['timezone'], '$timezone'],
  [['groupId'], '$group_id'],
  [['app', 'name'], '$app_name'],
  [['app', 'version'], '$app_version'],
  [['app', 'build'], '$app_build'],
  [['app', 'namespace'], '$app_id'],
  [['campaign', 'name'], '$utm_campaign'],
  [['campaign', 'source'], '$utm_source'],
  [['campaign', 'medium'], '$utm_medium'],
  [['campaign', 'term'], '$utm_term'],
  [['campaign', 'content'], '$utm_content'],
  [['device', 'id'], '$device_id'],
  [['device', 'manufacturer'], '$manufacturer'],
  [['device', 'model'], '$model'],
  [['library', 'name'], '$lib'],
  [['library', 'version'], '$lib_version'],
  [['location', 'city'], '$city'],
  [['location', 'country'], '$country'],
  [['location', 'region'], '$province'],
  [['location', 'latitude'], '$latitude'],
  [['location', 'longitude'], '$longitude'],
  [['network', 'carrier'], '$carrier'],
  [['network', 'wifi'], '$wifi'],
  [['os', 'name'], '$os'],
  [['os', 'version'], '$os_version'],
  [['page', 'url'], '$url'],
  [['page', 'path'], '$url_path'],
  [['page', 'referrer'], '$referrer'],
  [['page', 'title'], '$title'],
  [['screen', 'width'], '$screen_width'],
  [['screen', 'height'], '$screen_height'],
];

/**
 * Maps the context of a call onto preset properties; what has no preset is left out.
 * @param ip address of the connection, which is the user's where the context tells of the user's own device
 * Source: Segment Spec, common fields; names of presets: SensorsData.
 */
export function contextProperties(context: JsonObject, ip: string): JsonObject {
  const properties: JsonObject = {};
  for (const [path, name] of PRESETS) {
    const value = readAt(context, path);
    if (isScalar(value)) properties[name] = value;
  }
  const advertisingId = readAt(context, ['device', 'advertisingId']);
  if (typeof advertisingId === 'string') properties[isApple(context) ? '$idfa' : '$gaid'] = advertisingId;
  if (properties['$ip'] === undefined && ip !== '' && isFromDevice(context)) properties['$ip'] = ip;
  return properties;
}

/** A server that reports about its users sends none of these of its own accord. */
function isFromDevice(context: JsonObject): boolean {
  return ['device', 'page', 'userAgent'].some((field) => context[field] !== undefined);
}

function isApple(context: JsonObject): boolean {
  const type = readAt(context, ['device', 'type']) ?? readAt(context, ['os', 'name']);
  return typeof type === 'string' && /^(ios|ipados|tvos|watchos|macos)$/i.test(type);
}

function isScalar(value: Json | undefined): value is string | number | boolean {
  return (
    typeof value === 'boolean' || typeof value === 'number' || (typeof value === 'string' && value !== '')
  );
}

function readAt(context: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = context;
  for (const field of path) value = isJsonObject(value) ? value[field] : undefined;
  return value;
}
