import type { z } from 'zod';
import type { JsonObject } from '../../kernel/json.js';
import type { AdEventType } from './ad-event.js';
import type { DeviceId } from './normalise-device-id.js';

/** One parameter of a monitoring link and the macro that the network puts its value in for. */
export interface ClickMacro {
  parameter: string;
  macro: string;
  meaning: string;
  /** Left out of links for the other system; absent: for both. */
  os?: 'android' | 'ios';
}

/** What a network's request tells about one click. Absent values are null, never a macro or a zero id. */
export interface ParsedClick {
  deviceIds: DeviceId[];
  /** Ids of the click itself that an app or a landing page may bring along. */
  clickTokens: string[];
  /** What the callback has to bring back to the network. */
  callbackParam: string | null;
  campaignId: string | null;
  adGroupId: string | null;
  creativeId: string | null;
  /** The network's own time of the click, ms since 1970. */
  clickedAt: number | null;
  /** Of the person who clicked, not of the network's server. */
  ip: string | null;
  userAgent: string | null;
  os: 'android' | 'ios' | null;
}

/** A conversion as a callback tells it. `conversionId` is the same however often it is told. */
export interface CallbackConversion {
  conversionId: string;
  eventType: AdEventType;
  /** ms since 1970 */
  occurredAt: number;
  /** Amount of a payment as the event gave it. */
  amount: number | null;
}

/** The click that a callback answers to. */
export interface CallbackClick {
  callbackParam: string | null;
  deviceIds: readonly DeviceId[];
  os: 'android' | 'ios' | null;
}

export interface CallbackRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

export type BuiltCallback =
  | { kind: 'request'; request: CallbackRequest }
  /** The click lacks what the network needs; `detail` is for the ledger. */
  | { kind: 'impossible'; detail: string };

/**
 * What a network's answer means. `retry`: it could not take the callback now. `rejected`: it understood and
 * refused; tried only a few times more.
 */
export type CallbackAnswer =
  | { kind: 'accepted' }
  | { kind: 'retry'; detail: string }
  | { kind: 'rejected'; detail: string };

/** What an HTTP server answers to the network's click request. */
export interface ClickAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** What a folder under `networks/` provides; see docs/extending/ad-network.md. */
export interface AdNetworkDefinition<S extends z.ZodType<object>> {
  /** Kept in tables and shown in the API: lower-case letters, digits and `_`; never changes. */
  name: string;
  title: string;
  clickMacros: readonly ClickMacro[];
  /** Landing-page parameters and event properties that name a click of this network. */
  clickIdNames: readonly string[];
  /** Never throws: the query comes from outside. */
  parseClick(query: URLSearchParams): ParsedClick;
  clickAnswer: ClickAnswer;
  /** Settings of a project; every field has a default, so that a project without settings works. */
  settings: S;
  /** Names of settings that are never shown again. */
  secretSettings: readonly string[];
  /** Hosts that callbacks of this network may go to, as in a URL. */
  callbackHosts: readonly string[];
  /** Settings that are addresses of callbacks, by field name. */
  callbackUrls(settings: z.output<S>): Record<string, string>;
  /** Whether a project wants this kind of conversion told. */
  reports(eventType: AdEventType, settings: z.output<S>): boolean;
  buildCallback(conversion: CallbackConversion, click: CallbackClick, settings: z.output<S>): BuiltCallback;
  /** Never throws: the body comes from outside. */
  readCallbackAnswer(status: number, body: string): CallbackAnswer;
  /** Whether the network takes the same callback twice as one; else a call without an answer is never made again. */
  isRepeatSafe: boolean;
}

/** A network as the stage uses it: settings come as they are kept and are checked on the way in. */
export interface AdNetwork
  extends Omit<
    AdNetworkDefinition<z.ZodType<object>>,
    'callbackUrls' | 'reports' | 'buildCallback' | 'settings'
  > {
  settings: z.ZodType<object>;
  callbackUrls(settings: object): Record<string, string>;
  reports(eventType: AdEventType, settings: object): boolean;
  buildCallback(conversion: CallbackConversion, click: CallbackClick, settings: object): BuiltCallback;
  /** The monitoring link to paste at the network: `base` with every macro that suits the system. */
  clickUrl(base: string, link: { os: 'android' | 'ios' | null }): string;
}

/** Makes a network out of its definition. */
export function defineAdNetwork<S extends z.ZodType<object>>(definition: AdNetworkDefinition<S>): AdNetwork {
  const parse = (settings: object) => definition.settings.parse(settings);
  return Object.freeze({
    ...definition,
    callbackUrls: (settings: object) => definition.callbackUrls(parse(settings)),
    reports: (eventType: AdEventType, settings: object) => definition.reports(eventType, parse(settings)),
    buildCallback: (conversion: CallbackConversion, click: CallbackClick, settings: object) =>
      definition.buildCallback(conversion, click, parse(settings)),
    clickUrl: (base: string, link: { os: 'android' | 'ios' | null }) =>
      `${base}?${definition.clickMacros
        .filter(({ os }) => os === undefined || link.os === null || os === link.os)
        // A macro is no text to be encoded: the network looks for it as it is.
        .map(({ parameter, macro }) => `${parameter}=${macro}`)
        .join('&')}`,
  });
}

/** What the API shows for a secret. */
export const HIDDEN = '********';

/** Settings as the API shows them: secrets are named, never shown. */
export function hideSecrets(network: Pick<AdNetwork, 'secretSettings'>, settings: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      network.secretSettings.includes(name) ? HIDDEN : value,
    ]),
  );
}
