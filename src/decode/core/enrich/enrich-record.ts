import { type DecodedRecord, isEvent } from '../../../kernel/event.js';
import type { Json, JsonObject } from '../../../kernel/json.js';
import { isFromServer } from './client.js';
import { classifyReferrer } from './referrer.js';
import { findParameter, parameterText, splitUrl, type UrlParts, UTM_PROPERTIES } from './url-parts.js';
import type { UserAgentTraits } from './user-agent.js';

/** What the request of a record tells about its sender. */
export interface RequestTraits {
  ip: string;
  userAgent: string;
  /** Gives the same object for the same address again and again: it is never changed. */
  locate: (ip: string) => Readonly<JsonObject> | null;
  /** Reads the request's user agent, once. */
  readUserAgent: () => Readonly<UserAgentTraits>;
}

interface Enriching {
  properties: JsonObject;
  request: RequestTraits;
  isFromServer: boolean;
}

type EnrichStep = (enriching: Enriching) => void;

/** In this order: the referrer's class needs the parts of the address. */
const STEPS: readonly EnrichStep[] = [putLocation, putUserAgent, putAddress];

/**
 * Adds to an event what its request and its page's address tell: place, browser and system, parts of the address,
 * campaign, referrer. What the client sent itself stays. Changes the record in place; profile records stay as they are.
 */
export function enrichRecord(record: DecodedRecord, request: RequestTraits): void {
  if (!isEvent(record)) return;
  const enriching = {
    properties: record.properties,
    request,
    isFromServer: isFromServer(record.source, request.userAgent),
  };
  for (const step of STEPS) step(enriching);
}

/** The place of `$ip`; not of the server that sent the record for its user. */
function putLocation({ properties, request, isFromServer }: Enriching): void {
  const ip = properties['$ip'];
  if (typeof ip !== 'string' || (isFromServer && ip === request.ip)) return;
  fillAll(properties, request.locate(ip));
}

function putUserAgent({ properties, request, isFromServer }: Enriching): void {
  if (isFromServer || request.userAgent === '') return;
  const traits = request.readUserAgent();
  fillAll(properties, traits.properties);
  if (traits.isBot) fill(properties, '$is_bot', true);
}

/** Parts of the page's address, its campaign, and where the visit came from. */
function putAddress({ properties }: Enriching): void {
  const url = textOf(properties['$url']);
  const referrer = textOf(properties['$referrer']);
  const isTagged = properties['$utm_source'] !== undefined || properties['$utm_medium'] !== undefined;
  if (url === null && referrer === null && !isTagged) return;
  const parts = url === null ? null : splitUrl(url);
  const parameters = parts ? parameterText(parts) : '';
  if (parts) putUrlParts(properties, parts);
  if (parameters.includes('utm_')) {
    for (const [name, property] of UTM_PROPERTIES)
      fill(properties, property, findParameter(parameters, name));
  }
  const referrerHost = referrer === null || referrer === '' ? referrer : (splitUrl(referrer)?.host ?? null);
  if (referrerHost !== '') fill(properties, '$referrer_host', referrerHost);
  if (properties['$referrer_class'] !== undefined) return;
  fill(
    properties,
    '$referrer_class',
    classifyReferrer({
      referrerHost,
      host: parts?.host ?? null,
      parameters,
      utmSource: textOf(properties['$utm_source']),
      utmMedium: textOf(properties['$utm_medium']),
    }),
  );
}

function putUrlParts(properties: JsonObject, { host, path, query }: UrlParts): void {
  fill(properties, '$url_host', host);
  fill(properties, '$url_path', path);
  if (query !== '') fill(properties, '$url_query', query);
}

function fillAll(properties: JsonObject, found: Readonly<JsonObject> | null): void {
  if (found === null) return;
  for (const name in found) fill(properties, name, found[name] ?? null);
}

function fill(properties: JsonObject, name: string, value: Json): void {
  if (value !== null && properties[name] === undefined) properties[name] = value;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
