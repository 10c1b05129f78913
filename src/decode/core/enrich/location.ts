import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';
import { toStorable } from '../storable-text.js';

const MAX_NAME_LENGTH = 200;
/** By language; making one costs more than the rest of a look-up. */
const countryNames = new Map<string, Intl.DisplayNames>();

/**
 * The properties that two databases give for one address.
 *
 * @param place an entry of a city or country database; nested with names by language, or flat
 * @param network an entry of an ASN database
 * @param language of the names, such as `en` or `zh-CN`; English where the database lacks it
 * @returns null where they say nothing
 * Source: MaxMind GeoIP2 and DB-IP entries are nested (`country.names`); those of ip-location-db are flat
 * (`country_code`, `state1`, `city`).
 */
export function toLocation(place: Json, network: Json, language: string): JsonObject | null {
  const properties: JsonObject = {};
  if (isJsonObject(place)) {
    const nested = isJsonObject(place['country']) ? place['country'] : {};
    const code = text(nested['iso_code']) ?? text(place['country_code']);
    put(properties, '$country', named(nested, language) ?? countryName(code, language));
    const regions = place['subdivisions'];
    const region: Json = Array.isArray(regions) ? (regions[0] ?? null) : null;
    put(properties, '$province', named(region, language) ?? text(place['state1']));
    put(properties, '$city', named(place['city'], language) ?? text(place['city']));
    put(properties, '$country_code', code);
  }
  if (isJsonObject(network)) {
    const asn = network['autonomous_system_number'];
    if (typeof asn === 'number') properties['$asn'] = asn;
    put(properties, '$as_org', text(network['autonomous_system_organization']));
  }
  return Object.keys(properties).length > 0 ? properties : null;
}

function named(place: Json | undefined, language: string): string | null {
  const names = isJsonObject(place) ? place['names'] : null;
  return isJsonObject(names) ? (text(names[language]) ?? text(names['en'])) : null;
}

function countryName(code: string | null, language: string): string | null {
  if (code === null || !/^[A-Z]{2}$/.test(code)) return null;
  const names = countryNames.get(language) ?? new Intl.DisplayNames([language, 'en'], { type: 'region' });
  countryNames.set(language, names);
  return names.of(code) ?? null;
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? toStorable(value, MAX_NAME_LENGTH) : null;
}

function put(properties: JsonObject, name: string, value: string | null): void {
  if (value !== null) properties[name] = value;
}
