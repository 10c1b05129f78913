import { z } from 'zod';
import { PAGE_QUERY, pageOf } from '../../platform/http-server/paging.js';
import { GONE_REASONS } from '../core/decide-click.js';
import { isReadableQr, MIN_QR_CONTRAST } from '../core/qr-colours.js';
import { QR_FORMATS } from '../qr-images.js';

const TARGET_URL = z
  .string()
  .min(1)
  .max(8192)
  .describe('Where the link leads: http or https, at most 2048 characters, not this service itself')
  .meta({ example: 'https://example.com/spring' });
const SLUG = z
  .string()
  .max(200)
  .describe(
    'Code of your own choice, 3 to 64 of A-Z a-z 0-9 _ -; found however it is written. Default: 8 random characters',
  )
  .meta({ example: 'spring-sale' });
const TITLE = z
  .string()
  .max(200)
  .refine((text) => !text.includes('\u0000'), 'must not hold a NUL character');
const EXPIRES_AT = z.iso.datetime({ offset: true }).describe('From then on the link answers 410');
const MAX_CLICKS = z
  .number()
  .int()
  .min(1)
  .max(2_147_483_647)
  .describe('After so many clicks the link answers 410');
const UTM_VALUE = z.string().min(1).max(200).optional();
const UTM = z
  .strictObject({
    source: UTM_VALUE,
    medium: UTM_VALUE,
    campaign: UTM_VALUE,
    term: UTM_VALUE,
    content: UTM_VALUE,
  })
  .describe('Written into the target as utm_source and so on; replaces what the target has');

const NEW_LINK = z.strictObject({
  targetUrl: TARGET_URL,
  slug: SLUG.optional(),
  title: TITLE.default(''),
  expiresAt: EXPIRES_AT.nullish(),
  maxClicks: MAX_CLICKS.nullish(),
  utm: UTM.optional(),
  idempotentByUrl: z
    .boolean()
    .default(false)
    .describe(
      'Take the newest open link to the same target, where there is one, whatever its other settings',
    ),
});
export type NewLinkBody = z.infer<typeof NEW_LINK>;

const slugOrIdempotent = (link: NewLinkBody) => !(link.idempotentByUrl && link.slug !== undefined);
const SLUG_OR_IDEMPOTENT = 'a link with a slug is always a new one: leave out slug or idempotentByUrl';

export const CREATE_LINK = NEW_LINK.refine(slugOrIdempotent, { message: SLUG_OR_IDEMPOTENT, path: ['slug'] });
export const CREATE_LINKS = z.strictObject({
  links: z
    .array(NEW_LINK.refine(slugOrIdempotent, { message: SLUG_OR_IDEMPOTENT, path: ['slug'] }))
    .min(1)
    .max(500),
});
export type CreateLinks = z.infer<typeof CREATE_LINKS>;

export const UPDATE_LINK = z.strictObject({
  isDisabled: z.boolean().optional(),
  title: TITLE.optional(),
  targetUrl: TARGET_URL.optional(),
  expiresAt: EXPIRES_AT.nullable().optional().describe('null: never'),
  maxClicks: MAX_CLICKS.nullable().optional().describe('null: no limit'),
  utm: UTM.optional(),
});
export type UpdateLink = z.infer<typeof UPDATE_LINK>;

export const LINK = z.object({
  id: z.string().meta({ example: 'lnk_01k8e2m9f3b7x0n5q4r6s8t2vw' }),
  code: z.string(),
  kind: z.enum(['public', 'recipient']),
  shortUrl: z.string(),
  qrUrl: z.string().describe('QR code as SVG; .png works as well'),
  targetUrl: z.string(),
  title: z.string(),
  messageId: z.string().nullable().describe('The message that a recipient link was made for'),
  campaignId: z.string().nullable(),
  state: z.enum(['open', ...GONE_REASONS]),
  isDisabled: z.boolean(),
  expiresAt: z.iso.datetime().nullable(),
  maxClicks: z.number().nullable(),
  clickCount: z.number().describe('Clicks of persons, without bots'),
  createdAt: z.iso.datetime(),
});
export const CREATED_LINK = LINK.extend({
  isNew: z.boolean().describe('false: the link was there already (idempotentByUrl)'),
});
export const CREATED_LINKS = z.object({ items: z.array(CREATED_LINK).describe('In the order asked') });
export const LINK_WITH_COUNTS = LINK.extend({
  counts: z.object({
    clicks: z.number().describe('Clicks of persons, scans included'),
    uniqueClicks: z.number().describe('Different addresses they came from'),
    scans: z.number().describe('Of the clicks, those by QR code'),
    bots: z.number().describe('Visits of crawlers, link previews and prefetchers; counted nowhere else'),
  }),
});
export const LINK_PAGE = pageOf(LINK);

export const LINK_QUERY = PAGE_QUERY.extend({
  search: z
    .string()
    .min(1)
    .max(200)
    .refine((text) => !text.includes('\u0000'), 'must not hold a NUL character')
    .optional()
    .describe('Part of the code, the title or the target'),
  kind: z.enum(['public', 'recipient']).default('public'),
});
export type LinkQuery = z.infer<typeof LINK_QUERY>;

const HEX_COLOUR = z
  .string()
  .regex(/^#?[0-9a-fA-F]{6}$/, 'has six hex digits, such as 1a2b3c')
  .transform((text) => text.replace('#', '').toLowerCase());

const QR_FIELDS = z.object({
  size: z.coerce.number().int().min(64).max(2048).default(512).describe('Width and height in pixels'),
  margin: z.coerce.number().int().min(0).max(16).default(4).describe('Quiet zone in modules'),
  level: z.enum(['L', 'M', 'Q', 'H']).default('M').describe('Error correction: 7, 15, 25 or 30 %'),
  color: HEX_COLOUR.default('000000'),
  background: HEX_COLOUR.default('ffffff'),
});
const READABLE = {
  message: `must be darker than the background, with a contrast of at least ${MIN_QR_CONTRAST}`,
  path: ['color'],
};
export const QR_QUERY = QR_FIELDS.refine(
  ({ color, background }) => isReadableQr(color, background),
  READABLE,
);
export type QrQuery = z.infer<typeof QR_QUERY>;
export const LINK_QR_QUERY = QR_FIELDS.extend({ format: z.enum(QR_FORMATS).default('png') }).refine(
  ({ color, background }) => isReadableQr(color, background),
  READABLE,
);
export type LinkQrQuery = z.infer<typeof LINK_QR_QUERY>;
