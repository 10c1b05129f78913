import { z } from 'zod';
import { parseUserId } from '../../kernel/ids.js';
import { isJsonObject, type JsonObject } from '../../kernel/json.js';
import { STORABLE_TEXT } from '../../kernel/property-filter.js';
import { RESERVED_VARIABLES } from '../core/template-data.js';

const MAX_VARIABLES_BYTES = 64 * 1024;
/** NUL and halves of surrogate pairs, as JSON.stringify writes them; PostgreSQL keeps neither. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** A JSON object of values for a template. */
export const VARIABLES = z
  .custom<JsonObject>((value) => isJsonObject(value), 'must be an object')
  .refine((value) => Buffer.byteLength(JSON.stringify(value) ?? '') <= MAX_VARIABLES_BYTES, {
    message: `must be at most ${MAX_VARIABLES_BYTES / 1024} KiB as JSON`,
  })
  .refine((value) => !UNSTORABLE.test(JSON.stringify(value) ?? ''), {
    message: 'contains a character that cannot be stored',
  })
  .meta({ type: 'object', additionalProperties: true, example: { coupon: 'WELCOME-10' } });

/** Variables that do not take the names of those that Rekindle fills. */
export const OWN_VARIABLES = VARIABLES.refine(
  (value) => !RESERVED_VARIABLES.some((name) => Object.hasOwn(value, name)),
  { message: `${RESERVED_VARIABLES.join(', ')} are filled by Rekindle: use other names` },
);

/** A user as the API writes it; gives the number. */
export const USER_ID = z
  .string()
  .transform((text, context) => {
    const userId = parseUserId(text);
    if (userId !== null) return userId;
    context.addIssue({ code: 'custom', message: 'a user is written usr_<number>' });
    return z.NEVER;
  })
  .meta({ example: 'usr_42' });

export const TEMPLATE_REF = STORABLE_TEXT.min(1)
  .max(100)
  .describe('Id or slug of a template')
  .meta({ example: 'win-back' });

export const TIME = z.iso.datetime({ offset: true });

/** A text that becomes part of a header or a label: one line. */
export function oneLine(maxLength: number) {
  return STORABLE_TEXT.trim()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}]*$/u, 'must be one line, without control characters');
}
