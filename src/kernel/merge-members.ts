import { z } from 'zod';
import { parseUserId, type UserId } from './ids.js';
import { parseIdentity } from './parse-identity.js';
import { STORABLE_TEXT } from './property-filter.js';

/** What a merge would join. */
export interface MergeMembers {
  /** The first one stays. */
  userIds: UserId[];
  identities: { key: string; value: string }[];
}

const MAX_MEMBERS = 20;

const USER = STORABLE_TEXT.max(30)
  .transform((text, context): UserId => {
    const userId = parseUserId(text);
    if (userId === null) context.addIssue({ code: 'custom', message: 'must be the id of a user, `usr_<n>`' });
    return userId ?? 0;
  })
  .meta({ example: 'usr_42' });

const IDENTITY = STORABLE_TEXT.max(400)
  .transform((text, context): { key: string; value: string } => {
    const identity = parseIdentity(text);
    if (identity === null) context.addIssue({ code: 'custom', message: 'must be `<key>:<value>`' });
    return identity ?? { key: '', value: '' };
  })
  .meta({ example: '$identity_email:ada@example.com' });

/** The body of a merge and of its preview. */
export const MERGE_MEMBERS = z
  .strictObject({
    users: z.array(USER).max(MAX_MEMBERS).default([]).describe('Users; the first one stays'),
    identities: z
      .array(IDENTITY)
      .max(MAX_MEMBERS)
      .default([])
      .describe('Identities, whoever has them; one that nobody has is given to the user who stays'),
  })
  .refine(({ users, identities }) => users.length + identities.length >= 2, {
    message: 'name two users or identities at least',
  })
  .transform(({ users, identities }): MergeMembers => ({ userIds: users, identities }));
