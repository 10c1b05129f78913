import { z } from 'zod';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { SCOPES } from '../../platform/http-server/access.js';
import { pageOf } from '../../platform/http-server/paging.js';

const TIME_ZONE = z
  .string()
  .refine(isTimeZone, 'must be an IANA time zone, such as Asia/Shanghai')
  .describe('IANA time zone of the project');

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

const SLUG = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'has lower-case letters, digits, - and _, at most 63')
  .describe('Name of the project in addresses and in SDKs (`?project=`)');

export const PROJECT = z.object({ slug: SLUG, name: z.string(), timeZone: TIME_ZONE });
export const PROJECT_LIST = z.object({ items: z.array(PROJECT) });
export const CREATE_PROJECT = z.strictObject({
  slug: SLUG,
  name: STORABLE_TEXT.min(1).max(200),
  timeZone: TIME_ZONE.default('UTC'),
});
export type CreateProject = z.infer<typeof CREATE_PROJECT>;
export const UPDATE_PROJECT = z.strictObject({
  name: STORABLE_TEXT.min(1).max(200).optional(),
  timeZone: TIME_ZONE.optional(),
});
export type UpdateProject = z.infer<typeof UPDATE_PROJECT>;

export const API_KEY = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});
export const API_KEY_LIST = z.object({ items: z.array(API_KEY) });
export const CREATE_API_KEY = z.strictObject({
  name: STORABLE_TEXT.min(1).max(200),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .describe('What the key may do; admin includes marketer, which includes viewer'),
});
export type CreateApiKey = z.infer<typeof CREATE_API_KEY>;
export const CREATED_API_KEY = z.object({ id: z.string(), apiKey: z.string().describe('Shown this once') });

export const CREATE_COLLECT_TOKEN = z.strictObject({ name: STORABLE_TEXT.min(1).max(200) });
export type CreateCollectToken = z.infer<typeof CREATE_COLLECT_TOKEN>;
export const CREATED_COLLECT_TOKEN = z.object({
  token: z.string().describe('For `?token=` of the SDKs; shown this once'),
});

export const COLLECT_TOKEN_LIST = z.object({
  items: z.array(z.object({ name: z.string(), createdAt: z.iso.datetime() })),
});

const ORIGIN = z
  .string()
  .max(300)
  .refine(isOrigin, 'is scheme, host and port as a browser sends them, such as https://shop.example, or null')
  .describe('Origin of a page; `null` stands for pages without one, such as files in an app');

/** Browsers write an origin in lower case, without a path, and without the port that its scheme implies. */
function isOrigin(text: string): boolean {
  if (text === 'null') return true;
  if (/^https?:/.test(text)) return URL.canParse(text) && new URL(text).origin === text;
  // Of an app, such as capacitor://localhost.
  return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(:\d+)?$/.test(text);
}

export const COLLECT_RULES = z.strictObject({
  allowedOrigins: z
    .array(ORIGIN)
    .max(1000)
    .describe('Pages that may send events; empty: any. Phones and servers send no origin and are not asked.'),
  bodyLimitBytes: z
    .int()
    .min(1024)
    .nullable()
    .describe('Largest request body in bytes; null: that of the installation, which no project can exceed'),
  lateDays: z
    .int()
    .min(1)
    .max(36_500)
    .nullable()
    .default(null)
    .describe(
      'How old a record may be when it is received, in days; null: as the installation has it (COLLECT_LATE_DAYS)',
    ),
  futureMinutes: z
    .int()
    .min(1)
    .max(525_600)
    .nullable()
    .default(null)
    .describe(
      'How far ahead the time of a record may be, in minutes; null: as the installation has it (COLLECT_FUTURE_MINUTES)',
    ),
});
export type CollectRulesBody = z.infer<typeof COLLECT_RULES>;

export const AUDIT_PAGE = pageOf(
  z.object({
    id: z.string(),
    keyId: z.string(),
    at: z.iso.datetime(),
    method: z.string(),
    path: z.string(),
    status: z.number(),
    request: z.unknown(),
    requestId: z.string(),
  }),
);
