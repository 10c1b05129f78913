import { isbot } from 'isbot';
import { UAParser } from 'ua-parser-js';
import type { JsonObject } from '../../../kernel/json.js';
import { toStorable } from '../storable-text.js';

export interface UserAgentTraits {
  /** `$browser`, `$os`, `$model` and so on, as far as the user agent tells. */
  properties: JsonObject;
  isBot: boolean;
}

/** How much of a user agent is read; what follows tells nothing. */
export const MAX_USER_AGENT_LENGTH = 500;
const MAX_VALUE_LENGTH = 100;
/** HTTP clients of apps: to the list of bots they look like a script. */
const APP_CLIENT = /^(?:Dalvik|okhttp|SensorsAnalytics|GrowingIO)|CFNetwork\//i;

/** Reads a user agent. Takes up to a few hundred microseconds: keep the result. */
export function readUserAgent(userAgent: string): UserAgentTraits {
  const seen = userAgent.slice(0, MAX_USER_AGENT_LENGTH);
  const { browser, os, device } = new UAParser(seen).getResult();
  const properties: JsonObject = {};
  put(properties, '$browser', browser.name);
  put(properties, '$browser_version', browser.version);
  put(properties, '$os', os.name === 'Mac OS' ? 'macOS' : os.name);
  put(properties, '$os_version', os.version);
  put(properties, '$manufacturer', device.vendor);
  put(properties, '$brand', device.vendor);
  put(properties, '$model', device.model);
  return { properties, isBot: isbot(seen) && !APP_CLIENT.test(seen) };
}

function put(properties: JsonObject, name: string, value: string | undefined): void {
  if (value !== undefined && value !== '') properties[name] = toStorable(value, MAX_VALUE_LENGTH);
}
