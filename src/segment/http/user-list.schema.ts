import { z } from 'zod';
import { PROPERTY_NAME, STORABLE_TEXT } from '../../kernel/property-filter.js';
import { LIST_ROW_REASONS } from '../../kernel/reasons.js';
import { pageOf } from '../../platform/http-server/paging.js';
import { UPLOAD_MODES } from '../data/user-list.repository.js';

const NAME = STORABLE_TEXT.trim().min(1).max(200).describe('Unique among the lists of the project');
const DESCRIPTION = STORABLE_TEXT.max(2000);

export const CREATE_LIST = z.strictObject({ name: NAME, description: DESCRIPTION.optional() });
export type CreateList = z.infer<typeof CREATE_LIST>;
export const UPDATE_LIST = CREATE_LIST.partial();
export type UpdateList = z.infer<typeof UPDATE_LIST>;

export const UPLOAD_QUERY = z.strictObject({
  column: PROPERTY_NAME.optional().describe(
    'Column or field that names the users: `user_id`, `identity` (either, as `key:value`), or the key of an identity',
  ),
});
export type UploadQuery = z.infer<typeof UPLOAD_QUERY>;

const COUNT = z.number().int();
const UPLOAD = z.object({
  mode: z.enum(UPLOAD_MODES),
  finishedAt: z.iso.datetime(),
  rows: COUNT.describe('Rows of the file'),
  matched: COUNT.describe('Rows that name a user of the project; for remove: one on the list'),
  unknown: COUNT.describe('Rows that name nobody yet, and match when the user appears'),
  malformed: COUNT,
  duplicate: COUNT.describe('Rows that repeat another one of the file'),
  reasons: z.array(
    z.object({
      reason: z.enum(LIST_ROW_REASONS),
      count: COUNT,
      firstLines: z.array(COUNT).describe('Line numbers, from 1; at most 5'),
    }),
  ),
});

export const USER_LIST = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  entryCount: COUNT.describe('Different entries'),
  unknownCount: COUNT.describe('Entries that nobody has yet'),
  userCount: COUNT.describe('Users on the list; merged ones are one'),
  lastUpload: UPLOAD.nullable(),
  matchedAt: z.iso.datetime().describe('When every entry was looked up last'),
  changedAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
});
export const USER_LIST_PAGE = pageOf(USER_LIST);
