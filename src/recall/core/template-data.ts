import type { Json, JsonObject } from '../../kernel/json.js';

/** Names that reach into JavaScript objects: templates may not use them, and data does not carry them. */
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Names that Rekindle fills itself; a message's own variables cannot replace them. */
export const RESERVED_VARIABLES = ['profile', 'user', 'computed', 'project', 'campaign', 'message'] as const;

/** Deeper values are left out: no template reaches them. */
const MAX_DEPTH = 20;

// C0 controls save tab, LF and CR: tracked-text.ts marks links with them, so no value may bring its own.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Copies plain data into objects without a prototype, so that a template finds nothing but the data. */
export function toTemplateData(properties: JsonObject): JsonObject {
  return copyObject(properties, 0);
}

function copyValue(value: Json, depth: number): Json {
  if (typeof value === 'string') return value.replace(CONTROLS, '');
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return null;
  return Array.isArray(value) ? value.map((item) => copyValue(item, depth + 1)) : copyObject(value, depth);
}

function copyObject(source: JsonObject, depth: number): JsonObject {
  const copy = Object.create(null) as JsonObject;
  for (const [name, value] of Object.entries(source)) {
    if (!FORBIDDEN_NAMES.has(name)) copy[name] = copyValue(value, depth + 1);
  }
  return copy;
}

/** Whether there is something to show. Blank text and an empty list are as good as nothing: they leave a hole. */
export function isPresent(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'string') return value.trim() !== '';
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** Text of a value as a template shows it; null for what has no text of its own, such as an object. */
export function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) return null;
  const parts = value.map((item) => (typeof item === 'object' ? null : toText(item)));
  return parts.includes(null) ? null : parts.join(', ');
}
